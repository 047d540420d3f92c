import { errorOf, type Candidate } from '../loading/candidate.js';
import type { PluginError } from '../plugin/plugin-error.js';
import { describeThrown, printable } from '../plugin/printable.js';
import { checkViewFiles } from './check-view-files.js';
import { isRecord, kindOf } from './extension-point.js';
import { extensionPoints } from './extension-points.js';
import type { ModuleDraft } from './module-draft.js';
import { readContributions } from './read-contributions.js';
import type { PluginTransforms } from './transforms.extension.js';

/** What a plugin contributes: as it is kept to be transformed once more, and as it is used. */
export interface Contributed {
  readonly returned: object;
  readonly draft: ModuleDraft;
}

/**
 * Has one plugin transform what another contributes. Neither what the other one returned nor anything in it is changed.
 * @throws PluginError EXTENSION_INVALID, which is that of the plugin whose transform it is
 */
export function applyTransforms(
  source: Candidate,
  { target, byKey }: PluginTransforms,
  to: Candidate,
  contributed: Contributed,
): Contributed {
  const changed: Record<string, unknown> = {};
  for (const [key, transform] of byKey) {
    refuseUnknown(source, target, key);
    const value: unknown = Reflect.get(contributed.returned, key);
    if (value !== undefined) changed[key] = transformed(source, target, key, value, transform);
  }
  if (Object.keys(changed).length === 0) return contributed;
  const returned = { ...contributed.returned, ...changed };
  try {
    const draft = readContributions(to, returned);
    checkViewFiles(to, draft);
    return { returned, draft };
  } catch (cause) {
    throw wrong(source, `what its transforms make of ${target} is not valid: ${describeThrown(cause)}`, cause);
  }
}

function refuseUnknown(source: Candidate, target: string, key: string): void {
  const keys = extensionPoints.map((point) => point.key).filter((each) => each !== 'transforms');
  if (!keys.includes(key))
    throw wrong(source, `it transforms the key "${key}" of ${target}; there are ${keys.join(', ')}`);
}

function transformed(
  source: Candidate,
  target: string,
  key: string,
  value: unknown,
  transform: (value: unknown) => unknown,
): unknown {
  let made: unknown;
  try {
    made = transform(copyOf(value, DEPTHS[key] ?? DEPTH));
  } catch (cause) {
    throw wrong(source, `its transform of ${key} of ${target} threw ${describeThrown(cause)}`, cause);
  }
  if (shapeOf(made) === shapeOf(value)) return made;
  throw wrong(source, `its transform of ${key} of ${target} was given ${shapeOf(value)} and returned ${shapeOf(made)}`);
}

function wrong(source: Candidate, detail: string, cause?: unknown): PluginError {
  return errorOf(source, 'EXTENSION_INVALID', {
    detail: printable(detail),
    hint: 'A transform is a function for one key of register(), which returns a value of the type that it was given.',
    field: 'transforms',
    cause,
  });
}

function shapeOf(value: unknown): string {
  if (typeof value === 'object' && value !== null && typeof Reflect.get(value, 'then') === 'function')
    return 'a promise';
  return kindOf(value);
}

/**
 * How deep a value is copied, so that a transform may change what it is given: as deep as the key itself says what stands there.
 * What lies below is the plugin's own, and may mean something by being this very object: a module, a value to inject, state that a page shows.
 */
const DEPTHS: Readonly<Record<string, number>> = {
  imports: 1,
  controllers: 1,
  providers: 2,
  exports: 1,
  module: 1,
  viewContext: 1,
};
const DEPTH = 3;

function copyOf(value: unknown, depth: number): unknown {
  if (depth === 0) return value;
  if (Array.isArray(value)) return (value as unknown[]).map((each) => copyOf(each, depth - 1));
  if (!isRecord(value) || ![Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null))
    return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copyOf(each, depth - 1)]));
}
