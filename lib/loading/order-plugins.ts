import semver from 'semver';

import { compareNames } from '../discovery/find-plugins.js';
import { PluginError } from '../plugin/plugin-error.js';
import { errorOf, isGoing, type Candidate } from './candidate.js';

/**
 * Puts plugins into the order in which they are loaded: by name, each behind those it depends on. The same in every boot.
 * Those whose dependencies cannot be met fail here, and those that depend on them.
 */
export function orderPlugins(candidates: readonly Candidate[]): Candidate[] {
  const sorted = candidates.toSorted((a, b) => compareNames(a.name, b.name));
  const byName = nameIndex(sorted);
  failCycles(sorted, byName);
  const ordered = dependenciesFirst(sorted, byName);
  failDependents(ordered);
  return ordered;
}

/** Fails every plugin that depends on one that is missing, off, failed, or of another version. They must be in load order. */
export function failDependents(ordered: readonly Candidate[]): void {
  const byName = nameIndex(ordered);
  for (const candidate of ordered) {
    if (!isGoing(candidate)) continue;
    const error = unmetDependency(candidate, byName);
    if (error) candidate.error = error;
  }
}

/** Plugins by lower-case name; the one that is going wins over a failed namesake. */
export function nameIndex(candidates: readonly Candidate[]): Map<string, Candidate> {
  const index = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const key = candidate.name.toLowerCase();
    const known = index.get(key);
    if (!known || (known.error && !candidate.error)) index.set(key, candidate);
  }
  return index;
}

/** Why a plugin cannot be loaded for want of another, if so. */
export function unmetDependency(candidate: Candidate, byName: ReadonlyMap<string, Candidate>): PluginError | undefined {
  for (const [name, range] of Object.entries(candidate.metadata.dependsOn ?? {})) {
    const dependency = byName.get(name.toLowerCase());
    const field = 'dependsOn';
    if (!dependency)
      return errorOf(candidate, 'DEPENDENCY_MISSING', {
        detail: `${name} ${range}`,
        hint: `Put the plugin ${name} into a plugin directory, or install it and name it in "packages".`,
        field,
      });
    if (dependency.isOff)
      return errorOf(candidate, 'DEPENDENCY_DISABLED', {
        detail: name,
        hint: `Enable the plugin ${name}, or disable this one.`,
        field,
      });
    if (dependency.error)
      return errorOf(candidate, 'DEPENDENCY_FAILED', {
        detail: `${name}: ${dependency.error.code}`,
        hint: hintFor(name, dependency.error),
        field,
        cause: dependency.error,
      });
    const version = dependency.metadata.version ?? '';
    if (!semver.satisfies(version, range))
      return errorOf(candidate, 'DEPENDENCY_VERSION', {
        detail: `it needs ${name} ${range}, there is ${version}`,
        hint: `Install a version of ${name} that fits ${range}, or a version of this plugin that takes ${name} ${version}.`,
        field,
      });
  }
  return undefined;
}

/** Along a chain of failures, the first one is to be mended. */
export function hintFor(name: string, error: PluginError): string {
  let root = error;
  while (root.code === 'DEPENDENCY_FAILED' && root.cause instanceof PluginError) root = root.cause;
  return `Mend the plugin ${root === error ? name : root.plugin} first: ${root.hint}`;
}

/** The going plugins that one depends on, itself included where it does. */
function dependenciesOf(candidate: Candidate, byName: ReadonlyMap<string, Candidate>): Candidate[] {
  return present(Object.keys(candidate.metadata.dependsOn ?? {}), byName);
}

function present(names: readonly string[], byName: ReadonlyMap<string, Candidate>): Candidate[] {
  return names.flatMap((name) => byName.get(name.toLowerCase()) ?? []).filter(isGoing);
}

function dependenciesFirst(sorted: readonly Candidate[], byName: ReadonlyMap<string, Candidate>): Candidate[] {
  const ordered = new Set<Candidate>();
  // A stack of our own: a chain of ten thousand plugins must not end in a RangeError.
  for (const first of sorted) {
    const way = [first];
    const onTheWay = new Set(way);
    for (let current = way.at(-1); current; current = way.at(-1)) {
      const wishes = present(current.metadata.loadAfter ?? [], byName).filter(
        (wish) => !needsAny(wish, onTheWay, byName),
      );
      const next = [...dependenciesOf(current, byName), ...wishes]
        .toSorted((a, b) => compareNames(a.name, b.name))
        .find((each) => !ordered.has(each) && !onTheWay.has(each));
      if (next) {
        way.push(next);
        onTheWay.add(next);
      } else {
        ordered.add(current);
        onTheWay.delete(current);
        way.pop();
      }
    }
  }
  return [...ordered];
}

/** `loadAfter` is a wish: it is passed over for a plugin that itself depends, directly or not, on one that waits for it. */
function needsAny(wish: Candidate, waiting: ReadonlySet<Candidate>, byName: ReadonlyMap<string, Candidate>): boolean {
  const reached = new Set([wish]);
  for (const each of reached) {
    if (waiting.has(each)) return true;
    for (const dependency of dependenciesOf(each, byName)) reached.add(dependency);
  }
  return false;
}

/** Fails the members of each circle of dependencies, and only them. */
function failCycles(sorted: readonly Candidate[], byName: ReadonlyMap<string, Candidate>): void {
  const dependencies = new Map(sorted.filter(isGoing).map((each) => [each, dependenciesOf(each, byName)]));
  const suspects = withoutLooseEnds(dependencies);
  const cycles = suspects.map((candidate) => ({ candidate, cycle: shortestCycle(candidate, dependencies) }));
  for (const { candidate, cycle } of cycles) {
    if (!cycle) continue;
    candidate.error = errorOf(candidate, 'DEPENDENCY_CYCLE', {
      detail: fromSmallest(cycle).join(' -> '),
      hint: 'Take one of these out of "dependsOn"; "loadAfter" gives an order without a dependency.',
      field: 'dependsOn',
    });
  }
}

/** Takes away again and again what depends on nothing that is left: only circles, and what leads to them, remain. */
function withoutLooseEnds(dependencies: ReadonlyMap<Candidate, readonly Candidate[]>): Candidate[] {
  const dependents = new Map<Candidate, Candidate[]>();
  const open = new Map<Candidate, number>();
  for (const [candidate, needed] of dependencies) {
    open.set(candidate, needed.length);
    for (const dependency of needed) {
      const known = dependents.get(dependency);
      if (known) known.push(candidate);
      else dependents.set(dependency, [candidate]);
    }
  }
  const loose = [...dependencies.keys()].filter((candidate) => open.get(candidate) === 0);
  for (const candidate of loose) {
    open.delete(candidate);
    for (const dependent of dependents.get(candidate) ?? []) {
      const left = (open.get(dependent) ?? 0) - 1;
      open.set(dependent, left);
      if (left === 0) loose.push(dependent);
    }
  }
  return [...open.keys()];
}

/** The names on the shortest way from a plugin back to itself, breadth first; `undefined` where there is none. */
function shortestCycle(
  start: Candidate,
  dependencies: ReadonlyMap<Candidate, readonly Candidate[]>,
): string[] | undefined {
  const seen = new Set<Candidate>();
  const ways: Candidate[][] = [[start]];
  for (const way of ways) {
    for (const next of dependencies.get(way.at(-1) ?? start) ?? []) {
      if (next === start) return way.map(({ name }) => name);
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
}

/** Turns a circle so that all its members tell it in the same words, and closes it: `a`, `b`, `c`, `a`. */
export function fromSmallest(cycle: readonly string[]): string[] {
  const smallest = cycle.toSorted(compareNames)[0] ?? '';
  const start = cycle.indexOf(smallest);
  return [...cycle.slice(start), ...cycle.slice(0, start), smallest];
}
