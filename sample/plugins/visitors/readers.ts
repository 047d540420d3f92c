/** How often each note has been read since the board went up. */
export class Readers {
  readonly #times = new Map<string, number>();

  count(path: string): void {
    this.#times.set(path, (this.#times.get(path) ?? 0) + 1);
  }

  most(count: number): { path: string; times: number }[] {
    return [...this.#times]
      .map(([path, times]) => ({ path, times }))
      .toSorted((a, b) => b.times - a.times)
      .slice(0, count);
  }
}
