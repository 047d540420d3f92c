import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Every file of lib/ by its path there, with its text. */
export function sourcesOfLib(): { readonly file: string; readonly text: string }[] {
  const lib = path.resolve('lib');
  return readdirSync(lib, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .toSorted()
    .map((file) => ({ file: file.split(path.sep).join('/'), text: readFileSync(path.join(lib, file), 'utf8') }));
}
