/** How often each note has been read since the board went up. */
export class Readers {
  readonly #times = new Map<number, number>();

  count(id: number): void {
    this.#times.set(id, (this.#times.get(id) ?? 0) + 1);
  }

  most(count: number): { id: number; times: number }[] {
    return [...this.#times]
      .map(([id, times]) => ({ id, times }))
      .toSorted((a, b) => b.times - a.times)
      .slice(0, count);
  }
}
