import { Logger } from '@nestjs/common';

import type { Candidate } from '../loading/candidate.js';
import { TIME_IS_UP, withTimeLimit } from '../loading/time-limit.js';
import { describeThrown, printable } from '../plugin/printable.js';
import type { Exchange } from './exchange.js';
import { carryHeaders } from './reply-headers.js';

/** Calls what plugins do at a request, within the time limit, and tells what goes wrong. */
export class HookCalls {
  readonly #logger = new Logger('PluginKit');

  /** @param timeout the longest that one may take, in ms */
  constructor(private readonly timeout: number) {}

  /** Returns what `hook` returns, as a promise where it is one; what it sets on a reply of Fastify is on Node's response, too. */
  call({ ctx, rawResponse }: Exchange, hook: () => unknown): unknown {
    return carryHeaders(ctx.res, rawResponse, () => {
      const result = hook();
      return isThenable(result) ? withTimeLimit(() => result, this.timeout) : result;
    });
  }

  /**
   * Logs what a hook threw, with the name of its plugin.
   * @returns the error to answer with
   */
  tell({ name: plugin }: Candidate, hook: string, thrown: unknown, level: 'warn' | 'error' = 'error'): unknown {
    const told = thrown === TIME_IS_UP ? `it took longer than ${this.timeout} ms` : describeThrown(thrown);
    const text = `${printable(plugin)}: its ${hook} failed: ${told}`;
    this.#logger[level](text);
    return thrown === TIME_IS_UP ? new Error(text) : thrown;
  }
}

/** Calls one after the other, up to the first that gives something. Waits only for promises: hooks that need no time take none. */
export function inTurn<T>(items: readonly T[], call: (item: T) => unknown): unknown {
  for (const [place, item] of items.entries()) {
    const value = call(item);
    if (value instanceof Promise)
      return value.then((given: unknown) => (given === undefined ? inTurn(items.slice(place + 1), call) : given));
    if (value !== undefined) return value;
  }
  return undefined;
}

/** `try` for work that may or may not be async. */
export function attempt(
  work: () => unknown,
  take: (value: unknown) => unknown,
  failed: (thrown: unknown) => unknown,
): unknown {
  try {
    const value = work();
    return value instanceof Promise ? value.then(take).catch(failed) : take(value);
  } catch (thrown) {
    return failed(thrown);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (typeof value === 'object' || typeof value === 'function') && value !== null && 'then' in value;
}
