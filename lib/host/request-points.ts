import { HOOK_NAMES } from '../extensions/hooks.extension.js';
import { nameOfError, type ErrorHandlerEntry } from '../extensions/error-handlers.extension.js';
import type { RequestContext } from '../extensions/request-context.js';
import type { Candidate } from '../loading/candidate.js';
import type { Contributor } from './collect.js';

/** A function of a plugin that takes part in requests. */
export interface OwnedHook {
  readonly candidate: Candidate;
  readonly name: (typeof HOOK_NAMES)[number];
  readonly call: (ctx: RequestContext, error?: unknown) => unknown;
}

/** A handler of a plugin for errors. */
export interface OwnedErrorHandler extends ErrorHandlerEntry {
  readonly candidate: Candidate;
}

/** What all plugins of a snapshot do at a request, in load order: however many plugins there are, a request meets only this. */
export interface RequestPoints {
  readonly beforeRequest: readonly OwnedHook[];
  readonly afterRequest: readonly OwnedHook[];
  readonly teardownRequest: readonly OwnedHook[];
  /** By status or class. */
  readonly errorHandlers: ReadonlyMap<ErrorHandlerEntry['error'], OwnedErrorHandler>;
  /** Which errors two plugins want: the one that is loaded first has them. */
  readonly clashes: readonly string[];
  readonly isEmpty: boolean;
}

/** Puts it together. */
export function requestPointsOf(plugins: readonly Contributor[]): RequestPoints {
  const [beforeRequest, afterRequest, teardownRequest] = HOOK_NAMES.map((name) =>
    plugins.flatMap(({ candidate, draft: { hooks } }) => {
      const call = hooks?.[name];
      return call ? [{ candidate, name, call }] : [];
    }),
  ) as [OwnedHook[], OwnedHook[], OwnedHook[]];
  const errorHandlers = new Map<ErrorHandlerEntry['error'], OwnedErrorHandler>();
  const clashes: string[] = [];
  for (const { candidate, draft } of plugins) {
    for (const entry of draft.errorHandlers) {
      const first = errorHandlers.get(entry.error);
      if (!first) errorHandlers.set(entry.error, { ...entry, candidate });
      else
        clashes.push(
          `Both ${first.candidate.name} and ${candidate.name} handle the error ${nameOfError(entry.error)}: ${first.candidate.name} does it, as it is loaded first.`,
        );
    }
  }
  const count = beforeRequest.length + afterRequest.length + teardownRequest.length + errorHandlers.size;
  return { beforeRequest, afterRequest, teardownRequest, errorHandlers, clashes, isEmpty: count === 0 };
}
