// What this package needs of a notice board, whichever application that is: its services by name, and their shape.

export const POSTS = 'notice-board:posts';
export const LINKS = 'notice-board:links';

export interface Posts {
  /** @throws when there is no such post */
  get(id: number): { readonly id: number };
}

export interface Links {
  absolute(path: string): string;
}
