import { hasEntry, type FolderSource, type PluginSource } from '../discovery/plugin-source.js';
import { readPluginFolder } from '../discovery/read-plugin-folder.js';
import type { StateStore } from '../state/state-store.js';
import { registerPlugin } from './call-register.js';
import { candidateFrom, isGoing, step, type Candidate } from './candidate.js';
import { refuseTakenName } from './claim-names.js';
import { NestCopies, refuseForeignNest } from './foreign-nest.js';
import type { CodeGenerations } from './import-again.js';
import { readMarker } from './leave-off.js';
import type { LoadOptions } from './load-plugins.js';
import { loadTypeScript } from './load-typescript.js';
import { metadataOfPackageJson } from './read-metadata.js';
import { resolveFromApplication } from './resolve-from-application.js';
import { takeMetadata } from './take-metadata.js';

type Limits = Pick<LoadOptions, 'timeout' | 'hostVersion'>;

/**
 * Takes one plugin from its place on disk to what its `register()` returned, while the application runs.
 * @param previous what is known of it so far
 * @param others all other plugins
 * @returns a new candidate: the previous one stays as it is. Whatever is wrong with it is its `error`
 */
export async function loadAgain(
  previous: Candidate,
  others: readonly Candidate[],
  options: Limits,
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
  await registerPlugin(candidate, options.timeout);
  return candidate;
}

/** What is known of a plugin whose code is not loaded; it is off. */
export function stubOf(candidate: Candidate): Candidate {
  const { source, name } = candidate;
  const stub = candidateFrom(sourceAgain(source), candidate.watch);
  const metadata = source.origin === 'inline' ? candidate.metadata : metadataOfPackageJson(source.packageJson);
  delete stub.error; // whatever is wrong with it does not matter while it is off
  return { ...stub, name, metadata, isOff: true };
}

/** What is in the folder may have changed since. */
function sourceAgain(source: PluginSource): PluginSource {
  if (source.origin === 'inline') return source;
  return readPluginFolder(source.folder, source.folderName, source.origin, source.typescript) ?? source;
}

async function importAgain(
  candidate: Candidate,
  source: FolderSource,
  { timeout }: Limits,
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
