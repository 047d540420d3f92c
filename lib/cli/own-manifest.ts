import { readFileSync } from 'node:fs';

/** What the command line reads of the package.json of this library. */
interface OwnManifest {
  readonly version: string;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** The package.json of this library. */
export function ownManifest(): OwnManifest {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as OwnManifest; // our own
}

/** The version of this library. */
export function libraryVersion(): string {
  return ownManifest().version;
}
