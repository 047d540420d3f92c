/** The point for links in the board's navigation. */
export const BOARD_LINKS = 'board.links';

/** A link in the board's navigation. */
export interface BoardLink {
  readonly label: string;
  readonly href: string;
}

/** The point for links on the page of each post. */
export const POST_LINKS = 'board.post-links';

/** A link on the page of each post. */
export interface PostLink {
  readonly label: string;
  readonly path: (postId: number) => string;
}
