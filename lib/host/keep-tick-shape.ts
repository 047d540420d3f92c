import { executionAsyncResource } from 'node:async_hooks';

/** What Node.js made for one `process.nextTick()`. */
const kept: object[] = [];

/**
 * Keeps one of the objects that `process.nextTick()` makes. V8 forgets their shape when it collects garbage while none of them is
 * alive, and after a few times no longer learns it: each tick then takes five to ten times as long for as long as the process lives. A
 * start with many plugins collects garbage that often, and every request ticks about ten times. Must be called early.
 */
export function keepTickShape(): void {
  if (kept.length === 0) process.nextTick(() => kept.push(executionAsyncResource()));
}
