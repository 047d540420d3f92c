const MINUTES = 60_000;
/** Deaths that are longer ago are forgotten, and a generation that is older is no longer fresh. In ms. */
const WINDOW = 5 * MINUTES;
const MOST_DEATHS = 3;
const FIRST_DELAY = 1000;
const LONGEST_DELAY = 30_000;

/** What is made of the deaths of workers of one generation: wait longer each time, or give the generation up. */
export class Crashes {
  readonly #born: number;
  #deaths: number[] = [];
  #restarts: number[] = [];

  constructor(private readonly now: () => number = () => performance.now()) {
    this.#born = now();
  }

  note(): void {
    this.#deaths = [...this.#recent(this.#deaths), this.now()];
  }

  /** Three within five minutes of a generation that is no older: what is new does not work, and will not. */
  get areTooMany(): boolean {
    return this.now() - this.#born < WINDOW && this.#recent(this.#deaths).length >= MOST_DEATHS;
  }

  /** How long to wait before the next start, in ms: 1, 2, 4 … 30 s, and from the beginning after five quiet minutes. */
  nextDelay(): number {
    if (this.#recent(this.#deaths).length === 0) return 0;
    this.#restarts = this.#recent(this.#restarts);
    const delay = Math.min(FIRST_DELAY * 2 ** this.#restarts.length, LONGEST_DELAY);
    this.#restarts.push(this.now());
    return delay;
  }

  #recent(times: readonly number[]): number[] {
    return times.filter((time) => this.now() - time < WINDOW);
  }
}
