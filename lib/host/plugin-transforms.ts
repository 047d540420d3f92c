import { Logger } from '@nestjs/common';

import type { Notice } from '../discovery/plugin-source.js';
import { applyTransforms, type Contributed } from '../extensions/apply-transforms.js';
import type { ModuleDraft } from '../extensions/module-draft.js';
import { readContributions } from '../extensions/read-contributions.js';
import { isGoing, type Candidate } from '../loading/candidate.js';
import { nameIndex, unmetDependency } from '../loading/order-plugins.js';
import { PluginError } from '../plugin/plugin-error.js';
import { describeThrown, printable } from '../plugin/printable.js';
import type { WantedState } from '../state/state-store.js';
import type { Snapshot } from './snapshots.js';

/** What a Nest module is built from: a transform of it holds as long as that module lives. All else is read for each snapshot. */
const BUILT = [
  'imports',
  'controllers',
  'providers',
  'exports',
  'module',
  'prefix',
  'parent',
  'routes',
  'middleware',
] as const;

type Drafts = ReadonlyMap<Candidate, ModuleDraft>;

/** Lets plugins that are on transform what others that are on contribute. */
export class PluginTransforms {
  /** What was noticed on the way and harms no plugin. */
  readonly notices: Notice[] = [];
  readonly #logger = new Logger('PluginKit');
  /** By plugin, whose transforms its module was built with. */
  readonly #builtWith = new Map<Candidate, ReadonlySet<Candidate>>();
  readonly #known = new WeakMap<Snapshot, Drafts>();

  /** @param drafts what each plugin contributes, by plugin */
  constructor(private readonly drafts: Map<Candidate, ModuleDraft>) {}

  /**
   * Transforms the drafts of plugins whose modules are about to be built. A plugin with a transform that fails is failed,
   * and none of its transforms is made.
   * @param candidates all there are, in load order
   */
  apply(candidates: readonly Candidate[]): void {
    const byName = nameIndex(candidates);
    const fresh = new Set(candidates.filter((each) => isGoing(each) && !this.#builtWith.has(each)));
    const results = new Map<Candidate, Contributed>();
    const sources = new Map<Candidate, Set<Candidate>>([...fresh].map((each) => [each, new Set()]));
    for (const source of candidates.filter((each) => isGoing(each) && this.#wishesOf(each).length > 0)) {
      const unmet = unmetDependency(source, byName);
      try {
        if (unmet) throw unmet;
        for (const [target, result] of this.#applyAll(source, fresh, byName, results)) {
          results.set(target, result);
          sources.get(target)?.add(source);
        }
      } catch (error) {
        // Nothing else is thrown here. A plugin that is on already goes on without this transform.
        if (fresh.has(source)) source.error = error as PluginError;
        else this.#logger.error(describeThrown(error));
      }
    }
    for (const target of fresh) {
      const result = results.get(target);
      if (result) this.drafts.set(target, result.draft);
      this.#builtWith.set(target, sources.get(target) ?? new Set());
    }
  }

  /** What each plugin contributes as long as just the plugins of a snapshot are on. */
  draftsIn(snapshot: Snapshot): Drafts {
    const known = this.#known.get(snapshot) ?? this.#draftsIn(snapshot);
    this.#known.set(snapshot, known);
    return known;
  }

  /** Why switching a plugin must wait until what it transforms is built anew, if so. */
  whyNotLive(source: Candidate, to: WantedState): string | undefined {
    for (const { target: name, byKey } of this.#wishesOf(source)) {
      const target = nameIndex([...this.#builtWith.keys()].toReversed()).get(name.toLowerCase());
      const isBuiltWith = target && this.#builtWith.get(target)?.has(source) === true;
      if (!target || target.error || isBuiltWith !== (to === 'disabled')) continue;
      const keys = BUILT.filter(
        (key) => byKey.has(key) && Reflect.get(Object(target.returned) as object, key) !== undefined,
      );
      if (keys.length > 0)
        return `${source.name} transforms the ${keys.join(', ')} of ${target.name}, which is built ${isBuiltWith ? 'with' : 'without'} that`;
    }
    return undefined;
  }

  /** Forgets a plugin whose code is gone. */
  forget(candidate: Candidate): void {
    this.#builtWith.delete(candidate);
  }

  #wishesOf(candidate: Candidate): ModuleDraft['transforms'] {
    return this.drafts.get(candidate)?.transforms ?? [];
  }

  /** @throws PluginError of the source */
  #applyAll(
    source: Candidate,
    fresh: ReadonlySet<Candidate>,
    byName: ReadonlyMap<string, Candidate>,
    before: ReadonlyMap<Candidate, Contributed>,
  ): Map<Candidate, Contributed> {
    const results = new Map<Candidate, Contributed>();
    for (const wish of this.#wishesOf(source)) {
      const target = byName.get(wish.target.toLowerCase());
      const contributed = target && (results.get(target) ?? before.get(target) ?? this.#untransformed(target));
      if (!target || !contributed || !isGoing(target)) this.#noteAbsent(source, wish.target, target);
      else if (fresh.has(source) || fresh.has(target))
        results.set(target, applyTransforms(source, wish, target, contributed));
    }
    return results;
  }

  #untransformed(target: Candidate): Contributed | undefined {
    const draft = this.drafts.get(target);
    return target.returned && draft && { returned: target.returned, draft };
  }

  #noteAbsent(source: Candidate, name: string, target: Candidate | undefined): void {
    const why = !target ? 'there is no such plugin' : target.isOff ? 'it is disabled' : 'it has failed';
    this.notices.push({
      level: target ? 'debug' : 'warn',
      text: `${source.name} transforms what ${printable(name)} contributes: ${why}.`,
    });
  }

  #draftsIn(snapshot: Snapshot): Drafts {
    const sources = [...snapshot].filter((each) => this.#wishesOf(each).length > 0);
    const byName = nameIndex([...snapshot]);
    const now = new Map<Candidate, Set<Candidate>>();
    for (const source of sources)
      for (const { target: name } of this.#wishesOf(source)) {
        const target = byName.get(name.toLowerCase());
        if (target) now.set(target, (now.get(target) ?? new Set()).add(source));
      }
    const changed = [...snapshot].filter((each) => !isSame(now.get(each) ?? NONE, this.#builtWith.get(each) ?? NONE));
    if (changed.length === 0) return this.drafts;
    const drafts = new Map(this.drafts);
    for (const target of changed) {
      const draft = this.drafts.get(target);
      if (draft) drafts.set(target, this.#variant(target, draft, [...(now.get(target) ?? NONE)]));
    }
    return drafts;
  }

  /** What was built stays, all else is as these plugins transform it. */
  #variant(target: Candidate, built: ModuleDraft, sources: readonly Candidate[]): ModuleDraft {
    let contributed: Contributed = {
      returned: target.returned ?? {},
      draft: readContributions(target, target.returned ?? {}),
    };
    for (const source of sources) {
      for (const wish of this.#wishesOf(source).filter(({ target: name }) => isNamed(target, name))) {
        try {
          contributed = applyTransforms(source, wish, target, contributed);
        } catch (error) {
          this.#logger.error(describeThrown(error)); // it did not when the plugins were loaded: too late to fail it
        }
      }
    }
    const keys = new Set(
      [...sources, ...(this.#builtWith.get(target) ?? NONE)].flatMap((source) =>
        this.#wishesOf(source)
          .filter(({ target: name }) => isNamed(target, name))
          .flatMap(({ byKey }) => [...byKey.keys()]),
      ),
    );
    const live = [...keys].filter((key) => !(BUILT as readonly string[]).includes(key));
    return {
      ...built,
      ...Object.fromEntries(live.map((key) => [key, Reflect.get(contributed.draft, key) as unknown])),
    };
  }
}

const NONE: ReadonlySet<Candidate> = new Set();

function isSame(a: ReadonlySet<Candidate>, b: ReadonlySet<Candidate>): boolean {
  return a.size === b.size && [...a].every((each) => b.has(each));
}

function isNamed({ name }: Candidate, wanted: string): boolean {
  return name.toLowerCase() === wanted.toLowerCase();
}
