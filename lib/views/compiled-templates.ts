/**
 * Keeps what templates were compiled to, beyond the environment for which it was done: after a plugin is switched, only what is new
 * is compiled. What the last environment did not use is let go of when the next one begins.
 */
export class CompiledTemplates<Compiled> {
  #used = new Map<string, Compiled>();
  #before = new Map<string, Compiled>();

  /** Another environment begins. */
  turn(): void {
    if (this.#used.size === 0) return;
    this.#before = this.#used;
    this.#used = new Map();
  }

  get(key: string, compile: () => Compiled): Compiled {
    const known = this.#used.get(key) ?? this.#before.get(key) ?? compile();
    this.#used.set(key, known);
    return known;
  }
}
