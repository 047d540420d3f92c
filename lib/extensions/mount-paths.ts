import { errorOf, isGoing, type Candidate } from '../loading/candidate.js';
import { nameIndex } from '../loading/order-plugins.js';
import type { PluginErrorCode } from '../plugin/plugin-error.js';
import type { ModuleDraft } from './module-draft.js';

/**
 * Works out below which path each plugin lies: its parents' prefixes, outermost first, then its own.
 * A plugin whose `parent` or `attachTo` is not there fails.
 * @returns paths by lower-case plugin name; '' for one that lies nowhere below
 */
export function mountPaths(
  drafts: ReadonlyMap<Candidate, ModuleDraft>,
  candidates: readonly Candidate[],
): Map<string, string> {
  const byName = nameIndex(candidates);
  const paths = new Map<string, string>();
  for (const [candidate, draft] of drafts) {
    if (!isGoing(candidate)) continue;
    const path = pathOf(candidate, drafts, byName);
    if (path !== undefined) paths.set(candidate.name.toLowerCase(), path);
    for (const { attachTo } of draft.routes)
      if (attachTo !== undefined) failUnless(candidate, byName.get(attachTo.toLowerCase()), attachTo, 'routes');
  }
  return paths;
}

function pathOf(
  start: Candidate,
  drafts: ReadonlyMap<Candidate, ModuleDraft>,
  byName: ReadonlyMap<string, Candidate>,
): string | undefined {
  let path = '';
  const way: Candidate[] = [];
  for (let current: Candidate = start; ;) {
    if (way.includes(current)) {
      const names = [...way.slice(way.indexOf(current)), current].map(({ name }) => name);
      fail(start, 'DEPENDENCY_CYCLE', names.join(' -> '), 'Take one of these "parent"s out.', 'parent');
      return undefined;
    }
    way.push(current);
    const draft = drafts.get(current);
    path = (draft?.prefix ?? '') + path;
    if (draft?.parent === undefined) return path;
    const parent = byName.get(draft.parent.toLowerCase());
    if (!failUnless(start, parent, draft.parent, 'parent')) return undefined;
    current = parent;
  }
}

/** Fails a plugin unless the one it is mounted below is going. */
function failUnless(
  candidate: Candidate,
  target: Candidate | undefined,
  name: string,
  field: string,
): target is Candidate {
  if (!target)
    fail(
      candidate,
      'DEPENDENCY_MISSING',
      `${field} names ${name}`,
      `Install the plugin ${name}, or take its name out of "${field}".`,
      field,
    );
  else if (target.isOff)
    fail(
      candidate,
      'DEPENDENCY_DISABLED',
      `${field} names ${name}`,
      `Enable the plugin ${name}, or disable this one.`,
      field,
    );
  else if (target.error && target !== candidate)
    fail(
      candidate,
      'DEPENDENCY_FAILED',
      `${field} names ${name}: ${target.error.code}`,
      `Mend the plugin ${name} first: ${target.error.hint}`,
      field,
    );
  else return true;
  return false;
}

function fail(candidate: Candidate, code: PluginErrorCode, detail: string, hint: string, field: string): void {
  candidate.error ??= errorOf(candidate, code, { detail, hint, field });
}
