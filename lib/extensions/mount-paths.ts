import { errorOf, isGoing, type Candidate } from '../loading/candidate.js';
import { fromSmallest, hintFor, nameIndex } from '../loading/order-plugins.js';
import type { PluginError, PluginErrorCode } from '../plugin/plugin-error.js';
import type { ModuleDraft } from './module-draft.js';

type Drafts = ReadonlyMap<Candidate, ModuleDraft>;
type Names = ReadonlyMap<string, Candidate>;

/**
 * Works out below which path each plugin lies: its parents' prefixes, outermost first, then its own.
 * A plugin whose `parent` or `attachTo` is not there fails.
 * @param wanted the plugins whose paths are asked for
 * @returns paths by lower-case plugin name; '' for one that lies nowhere below
 */
export function mountPaths(
  drafts: Drafts,
  candidates: readonly Candidate[],
  wanted: Iterable<Candidate> = drafts.keys(),
): Map<string, string> {
  const byName = nameIndex(candidates);
  const paths = new Map<string, string>();
  const errors: [Candidate, PluginError][] = [];
  for (const candidate of wanted) {
    const draft = drafts.get(candidate);
    if (!draft || !isGoing(candidate)) continue;
    const path = pathOf(candidate, drafts, byName);
    const targets = draft.routes.flatMap(({ attachTo }) => attachTo ?? []);
    const [unmet] = targets.flatMap(
      (name) => whyNotBelow(candidate, byName.get(name.toLowerCase()), name, 'routes') ?? [],
    );
    if (typeof path === 'string') paths.set(candidate.name.toLowerCase(), path);
    const error = typeof path === 'string' ? unmet : path;
    if (error) errors.push([candidate, error]);
  }
  // Only now, so that what one fails for is not taken for a failure that another one met before.
  for (const [candidate, error] of errors) candidate.error = error;
  return paths;
}

function pathOf(start: Candidate, drafts: Drafts, byName: Names): string | PluginError {
  let path = '';
  const way: Candidate[] = [];
  for (let current: Candidate = start; ;) {
    if (way.includes(current)) return circle(start, way.slice(way.indexOf(current)));
    way.push(current);
    const draft = drafts.get(current);
    path = (draft?.prefix ?? '') + path;
    if (draft?.parent === undefined) return path;
    const parent = byName.get(draft.parent.toLowerCase());
    const unmet = whyNotBelow(start, parent, draft.parent, 'parent');
    if (unmet || !parent) return unmet ?? path;
    current = parent;
  }
}

function circle(start: Candidate, members: readonly Candidate[]): PluginError {
  const names = fromSmallest(members.map(({ name }) => name)).join(' -> ');
  const hint = 'Take one of these out of "parent".';
  return members.includes(start)
    ? mountError(start, 'DEPENDENCY_CYCLE', names, hint, 'parent')
    : mountError(start, 'DEPENDENCY_FAILED', `parent leads to the circle ${names}`, hint, 'parent');
}

/** Why a plugin cannot be mounted below another, if so. */
function whyNotBelow(
  candidate: Candidate,
  target: Candidate | undefined,
  name: string,
  field: string,
): PluginError | undefined {
  const names = `${field} names ${name}`;
  if (!target)
    return mountError(
      candidate,
      'DEPENDENCY_MISSING',
      names,
      `Install the plugin ${name}, or take its name out of "${field}".`,
      field,
    );
  if (target.isOff)
    return mountError(
      candidate,
      'DEPENDENCY_DISABLED',
      names,
      `Enable the plugin ${name}, or disable this one.`,
      field,
    );
  const { error } = target;
  return error && mountError(candidate, 'DEPENDENCY_FAILED', `${names}: ${error.code}`, hintFor(name, error), field);
}

function mountError(
  candidate: Candidate,
  code: PluginErrorCode,
  detail: string,
  hint: string,
  field: string,
): PluginError {
  return errorOf(candidate, code, { detail, hint, field });
}
