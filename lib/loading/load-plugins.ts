import { findPlugins, type SearchPlaces } from '../discovery/find-plugins.js';
import { hasEntry, type Findings } from '../discovery/plugin-source.js';
import type { StateStore } from '../state/state-store.js';
import { registerPlugin } from './call-register.js';
import { candidateFrom, isGoing, step, type Candidate } from './candidate.js';
import { claimNames } from './claim-names.js';
import { isForeign, NestCopies, refuseForeignNest } from './foreign-nest.js';
import { importEntry, importTogether } from './import-entry.js';
import { leaveOffInSafeMode, readMarker } from './leave-off.js';
import { loadTypeScript } from './load-typescript.js';
import { failDependents, orderPlugins } from './order-plugins.js';
import { PluginWatch } from './plugin-watch.js';
import { leaveOutQuarantined } from './quarantined.js';
import { resolveFromApplication } from './resolve-from-application.js';
import { takeMetadata } from './take-metadata.js';

/** What loading needs to know. */
export interface LoadOptions extends SearchPlaces {
  /** For the import and for `register()` of one plugin each, in ms. */
  readonly timeout: number;
  readonly hostVersion?: string | undefined;
  /** Takes one plugin after the other, and is told each before its code runs: who ends the process shows then. */
  readonly announce?: (candidate: Candidate, step: 'import' | 'register') => void;
  /** Whether `register()` is called. @default true */
  readonly registers?: boolean;
}

/** Every plugin, in load order, as far as it came without a Nest container. */
export interface LoadedPlugins {
  readonly candidates: readonly Candidate[];
  readonly notices: Findings['notices'];
  /** How long each step took for all plugins together, in ms. */
  readonly milliseconds: { readonly scan: number; readonly import: number; readonly register: number };
}

/**
 * Takes plugins from where they are to what their `register()` returned. Each step handles all plugins side by side,
 * so that several that never settle delay it by one time limit. One plugin's fault is kept with it, never thrown.
 */
export async function loadPlugins(
  options: LoadOptions,
  states: StateStore,
  watch = new PluginWatch(),
): Promise<LoadedPlugins> {
  const lap = stopwatch();
  const { sources, notices } = findPlugins(options);
  const found = sources.map((source) => candidateFrom(source, watch));
  for (const candidate of found) readMarker(candidate, states);
  const remarks = [
    ...leaveOffInSafeMode(found, options.directories),
    ...(await leaveOutQuarantined(found, watch.journal)),
  ];
  const scan = lap();

  await importAll(found, options, watch);
  claimNames(found);
  const candidates = orderPlugins(found);
  const imported = lap();

  if (options.registers !== false)
    await eachOf(candidates.filter(isGoing), 'register', options, watch, (candidate) =>
      registerPlugin(candidate, options.timeout),
    );
  failDependents(candidates);
  return { candidates, notices: [...remarks, ...notices], milliseconds: { scan, import: imported, register: lap() } };
}

async function importAll(candidates: readonly Candidate[], options: LoadOptions, watch: PluginWatch): Promise<void> {
  const copies = new NestCopies();
  const folders = candidates.flatMap(({ source, isOff }) =>
    source.origin === 'inline' || isOff ? [] : [source.folder],
  );
  resolveFromApplication(folders.filter((folder) => copies.seenFrom(folder) === undefined));

  loadTypeScript(candidates.filter(isGoing));
  const going = candidates.filter(isGoing);
  const entries = going.flatMap((candidate) => {
    const { source } = candidate;
    return source.origin !== 'inline' && hasEntry(source) && !isForeign(source, copies)
      ? [{ candidate, file: source.entry }]
      : [];
  });
  const patience = Math.min(250, options.timeout / 10);
  const begun = performance.now();
  const imported =
    entries.length > 1 && !watch.journal.isCareful && !options.announce
      ? await watch.runTogether(
          entries.map(({ candidate }) => candidate),
          'import',
          () =>
            importTogether(
              entries.map(({ file }) => file),
              patience,
            ),
        )
      : new Map<string, object>();
  const elapsed = performance.now() - begun;
  await eachOf(going, 'import', options, watch, async (candidate) => {
    // What was imported together took its share of the time; what was not had as much of its limit already.
    await step(candidate, 'import', 'import', () =>
      importOne(candidate, copies, imported, Math.min(patience, elapsed), options),
    );
    if (candidate.source.origin !== 'inline' && imported.has(candidate.source.entry ?? ''))
      candidate.milliseconds.import = (candidate.milliseconds.import ?? 0) + elapsed / imported.size;
  });
}

/** All side by side; one after the other where each is announced. */
async function eachOf(
  candidates: readonly Candidate[],
  name: 'import' | 'register',
  { announce }: LoadOptions,
  watch: PluginWatch,
  work: (candidate: Candidate) => Promise<void>,
): Promise<void> {
  if (!announce) return watch.each(candidates, work);
  for (const candidate of candidates) {
    announce(candidate, name);
    await work(candidate);
  }
  return undefined;
}

async function importOne(
  candidate: Candidate,
  copies: NestCopies,
  imported: ReadonlyMap<string, object>,
  spent: number,
  { timeout, hostVersion }: LoadOptions,
): Promise<void> {
  const { source } = candidate;
  let given: unknown;
  if (source.origin === 'inline') given = source.definition;
  else if (hasEntry(source)) {
    refuseForeignNest(candidate, source, copies);
    given = imported.get(source.entry) ?? (await importEntry(candidate, source, timeout, { spent }));
  }
  takeMetadata(candidate, given, hostVersion);
}

function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const before = last;
    last = performance.now();
    return last - before;
  };
}
