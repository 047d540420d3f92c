import type { Findings, FolderSource, Notice, PluginSource } from '../discovery/plugin-source.js';
import { readPluginFolder } from '../discovery/read-plugin-folder.js';
import { findPlugins, type SearchPlaces } from '../discovery/find-plugins.js';
import { printable } from '../plugin/printable.js';
import { decideState } from '../state/decide-state.js';
import { whySafeMode } from '../state/safe-mode.js';
import type { StateStore } from '../state/state-store.js';
import { callRegister } from './call-register.js';
import { candidateFrom, errorOf, isGoing, step, type Candidate } from './candidate.js';
import { checkCompatibility } from './check-compatibility.js';
import { claimNames, refuseTakenName } from './claim-names.js';
import { NestCopies } from './foreign-nest.js';
import type { CodeGenerations } from './import-again.js';
import { importEntry, importTogether } from './import-entry.js';
import { loadTypeScript } from './load-typescript.js';
import { failDependents, orderPlugins } from './order-plugins.js';
import { PluginWatch } from './plugin-watch.js';
import { leaveOutQuarantined } from './quarantined.js';
import { metadataOfPackageJson, readMetadata } from './read-metadata.js';
import { resolveFromApplication } from './resolve-from-application.js';

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
    ...switchOffInSafeMode(found, options.directories),
    ...(await leaveOutQuarantined(found, watch.journal)),
  ];
  const scan = lap();

  await importAll(found, options, watch);
  claimNames(found);
  const candidates = orderPlugins(found);
  const imported = lap();

  if (options.registers !== false)
    await eachOf(candidates.filter(isGoing), 'register', options, watch, (candidate) =>
      registerOne(candidate, options.timeout),
    );
  failDependents(candidates);
  return { candidates, notices: [...remarks, ...notices], milliseconds: { scan, import: imported, register: lap() } };
}

/**
 * Takes one plugin from its place on disk to what its `register()` returned, while the application runs.
 * @param previous what is known of it so far
 * @param others all other plugins
 * @returns a new candidate: the previous one stays as it is. Whatever is wrong with it is its `error`
 */
export async function loadAgain(
  previous: Candidate,
  others: readonly Candidate[],
  options: LoadOptions,
  states: StateStore,
  code: CodeGenerations,
): Promise<Candidate> {
  const candidate = candidateFrom(sourceAgain(previous.source), previous.watch);
  if (candidate.source.origin === 'inline')
    candidate.marker = 'enabled'; // it has no file that could tell
  else readMarker(candidate, states);
  if (!isGoing(candidate)) return candidate;
  await step(candidate, 'import', 'import', async () => {
    const { source } = candidate;
    const given = source.origin === 'inline' ? source.definition : await importAgain(candidate, source, options, code);
    takeMetadata(candidate, given, options.hostVersion);
  });
  refuseTakenName(candidate, others);
  await registerOne(candidate, options.timeout);
  return candidate;
}

/** What is in the folder may have changed since. */
export function sourceAgain(source: PluginSource): PluginSource {
  if (source.origin === 'inline') return source;
  return readPluginFolder(source.folder, source.folderName, source.origin, source.typescript) ?? source;
}

async function importAgain(
  candidate: Candidate,
  source: FolderSource,
  { timeout }: LoadOptions,
  code: CodeGenerations,
): Promise<object | undefined> {
  if (!hasEntry(source)) return undefined;
  const copies = new NestCopies();
  if (copies.seenFrom(source.folder) === undefined) resolveFromApplication([source.folder]);
  refuseForeignNest(candidate, source, copies);
  loadTypeScript([candidate]);
  if (candidate.error) throw candidate.error;
  return code.load(candidate, source, timeout);
}

function readMarker(candidate: Candidate, states: StateStore): void {
  const { source } = candidate;
  const marker = source.origin === 'inline' ? undefined : states.read(source.folder);
  if (marker === undefined || source.origin === 'inline') return;
  candidate.marker = marker;
  if (decideState(marker) === 'disabled') leaveOff(candidate);
}

/** Nothing of it runs, so nothing is known of it but what its package.json tells. */
function leaveOff(candidate: Candidate): void {
  candidate.isOff = true;
  if (candidate.source.origin !== 'inline') candidate.metadata = metadataOfPackageJson(candidate.source.packageJson);
  delete candidate.error; // whatever is wrong with it does not matter while it is off
}

function switchOffInSafeMode(candidates: readonly Candidate[], directories: readonly string[]): Notice[] {
  const why = whySafeMode(directories);
  if (why === undefined) return [];
  for (const candidate of candidates.filter(isGoing)) candidate.whyOff = 'safe mode';
  candidates.forEach(leaveOff);
  return [
    {
      level: 'warn',
      text: `Safe mode (${printable(why)}): no plugin runs. Take that away and start again to have them back.`,
    },
  ];
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

function takeMetadata(candidate: Candidate, given: unknown, hostVersion: string | undefined): void {
  const { metadata, register } = readMetadata(candidate, given);
  candidate.name = metadata.name;
  candidate.metadata = metadata;
  candidate.register = register;
  candidate.isOff = decideState(candidate.marker, metadata.state) === 'disabled';
  if (!candidate.isOff) checkCompatibility(candidate, metadata, hostVersion);
}

function hasEntry(source: FolderSource): source is FolderSource & { entry: string } {
  return source.entry !== undefined;
}

function isForeign({ folder }: FolderSource, copies: NestCopies): boolean {
  const copy = copies.seenFrom(folder);
  return copy !== undefined && copy !== copies.ofApplication;
}

function refuseForeignNest(candidate: Candidate, source: FolderSource, copies: NestCopies): void {
  if (!isForeign(source, copies)) return;
  const copy = copies.seenFrom(source.folder) ?? '';
  throw errorOf(candidate, 'FOREIGN_NEST', {
    detail: `it would use ${copy}, the application uses ${copies.ofApplication}`,
    hint: 'Make @nestjs/common a peer dependency of the plugin and delete its own copy: with two, its exceptions and injections are strangers to the application.',
    file: copy,
  });
}

async function registerOne(candidate: Candidate, timeout: number): Promise<void> {
  const { register } = candidate;
  if (!isGoing(candidate) || !register) return;
  await step(candidate, 'register', 'register()', async () => {
    candidate.returned = await callRegister(candidate, register, timeout);
  });
}

function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const before = last;
    last = performance.now();
    return last - before;
  };
}
