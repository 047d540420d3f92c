/** A note on the board, as it is kept. */
export interface Post {
  readonly id: number;
  readonly title: string;
  readonly body: string;
  readonly author: string;
  /** ISO 8601, UTC. */
  readonly created: string;
}
