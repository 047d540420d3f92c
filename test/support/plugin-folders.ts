import { randomUUID } from 'node:crypto';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { onTestFinished } from 'vitest';

const TESTS = path.resolve(import.meta.dirname, '../..');

/** The plugin folders that prove something: `fixture('broken/syntax-error')`. */
export function fixture(name: string): string {
  return path.join(TESTS, 'fixtures', name);
}

/** An empty plugin directory below this project, so that plugins find its packages; it goes when the test ends. */
export function newDirectory(): string {
  return made(path.join(TESTS, '.tmp', randomUUID()));
}

/** An empty plugin directory outside this project, where no package is found. */
export function newDirectoryOutside(): string {
  return made(path.join(tmpdir(), `pluginkit-${randomUUID()}`));
}

/** A plugin directory that holds copies of fixtures, each in a folder of its own name. */
export function directoryOf(...fixtures: string[]): string {
  const directory = newDirectory();
  for (const name of fixtures) cpSync(fixture(name), path.join(directory, path.basename(name)), { recursive: true });
  return directory;
}

/** Writes a plugin folder: file names to contents. */
export function writePlugin(directory: string, folder: string, files: Readonly<Record<string, string>>): string {
  const place = path.join(directory, folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(place, name)), { recursive: true });
    writeFileSync(path.join(place, name), content);
  }
  return place;
}

/** The entry of a plugin in the seed's form; what `register()` returns is given as source code. */
export function entry(metadata: Readonly<Record<string, unknown>>, returned = '{}', head = ''): string {
  const complete = { author: 'Ada', version: '1.0.0', ...metadata };
  return `${head}\nexport const metadata = ${JSON.stringify(complete)};\nexport function register() { return ${returned}; }\n`;
}

function made(directory: string): string {
  mkdirSync(directory, { recursive: true });
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
