// Files that are no TypeScript go to dist as they are: the sample's pages, and the package.json, marker files and views
// of its plugins.
import { cpSync, existsSync } from 'node:fs';
import path from 'node:path';

const LEFT_OUT = new Set(['dist', 'node_modules']);

for (const [from, to] of [
  ['sample/board', 'sample/dist/board'],
  ['sample/plugins', 'sample/dist/plugins'],
]) {
  if (existsSync(from)) cpSync(from, to, { recursive: true, filter: isStatic });
}

function isStatic(file) {
  const name = path.basename(file);
  return !LEFT_OUT.has(name) && !/\.[cm]?tsx?$/.test(name) && !/^tsconfig.*\.json$/.test(name);
}
