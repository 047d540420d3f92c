import { readFileSync } from 'node:fs';

import semver from 'semver';

import type { PluginMetadata } from '../plugin/plugin-metadata.js';
import { errorOf, type Candidate } from './candidate.js';

/** The version of this library, from its own package.json. */
export const LIBRARY_VERSION = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

/**
 * Checks `engines`: the library, Node.js, and the application where it tells its version.
 * @throws PluginError INCOMPATIBLE, with every range that is not met
 */
export function checkCompatibility(
  candidate: Candidate,
  { engines = {} }: PluginMetadata,
  hostVersion: string | undefined,
): void {
  const versions = { 'nestjs-pluginkit': LIBRARY_VERSION, node: process.versions.node, host: hostVersion };
  const unmet = Object.entries(versions).flatMap(([engine, version]) => {
    const range = engines[engine as keyof typeof versions];
    return range === undefined || version === undefined || semver.satisfies(version, range)
      ? []
      : [{ engine, range, version }];
  });
  if (unmet.length === 0) return;
  throw errorOf(candidate, 'INCOMPATIBLE', {
    detail: unmet
      .map(
        ({ engine, range, version }) => `it needs ${NAMES[engine as keyof typeof NAMES]} ${range}, this is ${version}`,
      )
      .join('; '),
    hint: 'Install a version of the plugin that fits, or widen "engines" in it once you have tried it.',
    field: unmet.map(({ engine }) => `engines.${engine}`).join(', '),
  });
}

const NAMES = { 'nestjs-pluginkit': 'nestjs-pluginkit', node: 'Node.js', host: 'an application of version' };
