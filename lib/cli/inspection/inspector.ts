import 'reflect-metadata';

import { mountPaths } from '../../extensions/mount-paths.js';
import type { ModuleDraft } from '../../extensions/module-draft.js';
import { readContributions } from '../../extensions/read-contributions.js';
import { isGoing, step, type Candidate } from '../../loading/candidate.js';
import { failDependents } from '../../loading/order-plugins.js';
import { loadPlugins } from '../../loading/load-plugins.js';
import type { PluginError } from '../../plugin/plugin-error.js';
import { metadataOfPackageJson } from '../../loading/read-metadata.js';
import { MarkerFiles } from '../../state/marker-files.js';
import type { WantedState } from '../../state/state-store.js';
import { contributionsOf } from './contributions-of.js';
import type { InspectedError, InspectedPlugin, InspectionOrder, InspectorMessage } from './inspection.js';
import { lineOf } from './line-of.js';
import { missingFromApplication, startModules } from './start-modules.js';

// The other process of inspectPlugins(): plugins run here, so that whatever they do to a process is done to this one.
process.once('message', (order: InspectionOrder) => void inspect(order));
const send = process.send?.bind(process);
delete process.send; // so that nobody else can speak to the command

async function inspect(order: InspectionOrder): Promise<void> {
  const { candidates, notices } = await loadPlugins(
    {
      ...order,
      plugins: [],
      announce: ({ source }, at) => source.origin !== 'inline' && say({ at: { folder: source.folder, step: at } }),
    },
    new MarkersButFor(order),
  );
  const returned = new Map(candidates.map((candidate) => [candidate, candidate.returned]));
  const drafts = new Map<Candidate, ModuleDraft>();
  for (const candidate of candidates.filter(isGoing)) {
    const given = candidate.returned;
    if (given)
      await step(candidate, 'register', undefined, () =>
        Promise.resolve(void drafts.set(candidate, readContributions(candidate, given))),
      );
  }
  failDependents(candidates);
  const paths = mountPaths(drafts, candidates);
  failDependents(candidates);
  const plugins = candidates.map((candidate) => {
    const draft = drafts.get(candidate);
    const given = returned.get(candidate);
    return {
      ...told(candidate),
      ...(draft && given && { contributions: contributionsOf(candidate, draft, given, paths) }),
    };
  });
  say({ found: { plugins, notices } });
  if (!order.starts) return;
  const failed = await startModules(order, new MarkersButFor(order));
  const entries = new Map(plugins.map(({ folder, entry }) => [folder, entry]));
  say({
    started: new Map(
      [...failed].map(([folder, error]) => [
        folder,
        { ...toldError(error, folder, entries.get(folder)), lacks: missingFromApplication(error) },
      ]),
    ),
  });
}

function told({ source, name, metadata, isOff, error }: Candidate): InspectedPlugin {
  if (source.origin === 'inline') throw new TypeError('the command line knows no inline plugins');
  const { folder, folderName, entry, origin } = source;
  return {
    name,
    folder,
    folderName,
    entry,
    origin,
    state: error ? 'failed' : isOff ? 'disabled' : 'enabled',
    metadata: { ...metadataOfPackageJson(source.packageJson), ...metadata },
    error: error && toldError(error, folder, entry),
  };
}

function toldError(error: PluginError, folder: string, entry: string | undefined): InspectedError {
  const { code, message, hint, file, field } = error;
  return { code, message, hint, file, field, line: lineOf(error, folder, entry) };
}

function say(message: InspectorMessage): void {
  send?.(message);
}

/** Plugins that ended the process count as switched off, so that the others can be looked at. */
class MarkersButFor extends MarkerFiles {
  constructor(private readonly order: InspectionOrder) {
    super();
  }

  override read(folder: string): WantedState | undefined {
    if (this.order.skip.includes(folder)) return 'disabled';
    return this.order.ignoresMarkers ? 'enabled' : super.read(folder);
  }
}
