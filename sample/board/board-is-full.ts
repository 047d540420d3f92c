/** There is no room for another note. */
export class BoardIsFull extends Error {
  constructor(readonly room: number) {
    super(`The board has room for ${room} notes`);
  }
}
