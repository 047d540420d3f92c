import { metadataOfPackageJson } from '../loading/read-metadata.js';
import type { Candidate } from '../loading/candidate.js';
import type { Plugin } from '../plugin/plugin.js';
import type { PluginMetadata } from '../plugin/plugin-metadata.js';

/** What the registry tells of a plugin, once it is known what came of it. */
export function toPlugin(candidate: Candidate, contributions: Readonly<Record<string, number>>): Plugin {
  const { source, name, milliseconds, error } = candidate;
  const metadata = Object.freeze(
    candidate.metadata.name === undefined && source.origin !== 'inline'
      ? metadataOfPackageJson(source.packageJson)
      : candidate.metadata,
  );
  const facts = {
    name,
    ...(metadata.version !== undefined && { version: metadata.version }),
    origin: source.origin,
    ...(source.origin !== 'inline' && { folder: source.folder }),
    metadata,
    milliseconds: Object.freeze({ ...milliseconds }),
  };
  if (candidate.isOff)
    return Object.freeze({
      ...facts,
      state: 'disabled',
      ...(candidate.whyOff !== undefined && { reason: candidate.whyOff }),
    });
  if (error) return Object.freeze({ ...facts, state: 'failed', error });
  const complete = metadata as PluginMetadata; // a plugin that came this far has passed the validation
  return Object.freeze({
    ...facts,
    state: 'enabled',
    version: complete.version,
    metadata: complete,
    contributions: Object.freeze(contributions),
  });
}
