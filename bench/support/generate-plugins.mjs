import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** Inside the repository, so that the plugins find @nestjs/common. */
const ROOM = path.join(import.meta.dirname, '..', '.tmp');

/** What is to be removed, should the process end before. */
const written = new Set();
process.once('exit', () => written.forEach(removeFolder));
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

/**
 * Writes plugin folders, and a file that imports the entries of all of them by hand.
 * They are removed by `remove()`, and when the process ends before.
 */
export function generatePlugins(count) {
  mkdirSync(ROOM, { recursive: true });
  const folder = mkdtempSync(path.join(ROOM, 'plugins-'));
  written.add(folder);
  const directory = path.join(folder, 'plugins');
  const names = Array.from({ length: count }, (_, index) => `plugin-${String(index + 1).padStart(4, '0')}`);
  for (const name of names) writePlugin(path.join(directory, name), name);
  const listByHand = path.join(folder, 'list-by-hand.mjs');
  writeFileSync(listByHand, sourceOfList(names));
  const last = names.at(-1);
  return {
    directory,
    listByHand: pathToFileURL(listByHand).href,
    last: { name: last, path: `/${last}` },
    count,
    remove: () => removeFolder(folder),
  };
}

function removeFolder(folder) {
  rmSync(folder, { recursive: true, force: true });
  written.delete(folder);
  try {
    rmdirSync(ROOM);
  } catch {
    // another benchmark is running
  }
}

function writePlugin(folder, name) {
  mkdirSync(path.join(folder, 'static'), { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), sourceOfManifest(name));
  writeFileSync(path.join(folder, 'index.js'), sourceOfEntry(name));
  writeFileSync(path.join(folder, 'static', 'style.css'), `.${name} {\n  color: rebeccapurple;\n}\n`);
}

function sourceOfManifest(name) {
  const manifest = {
    name,
    version: '1.0.0',
    private: true,
    description: 'One of many.',
    author: 'Ada',
    type: 'module',
  };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

/** What TypeScript makes of a plugin with decorators, less its helper functions. */
function sourceOfEntry(name) {
  return `import { Controller, Get, Inject, Injectable } from '@nestjs/common';

class Greeting {
  from() {
    return { from: '${name}' };
  }
}
Injectable()(Greeting);

class GreetingController {
  constructor(greeting) {
    this.greeting = greeting;
  }
  read() {
    return this.greeting.from();
  }
}
Get()(GreetingController.prototype, 'read', Object.getOwnPropertyDescriptor(GreetingController.prototype, 'read'));
Inject(Greeting)(GreetingController, undefined, 0);
Controller('${name}')(GreetingController);

export default {
  name: '${name}',
  author: 'Ada',
  version: '1.0.0',
  register: () => ({ controllers: [GreetingController], providers: [Greeting] }),
};
`;
}

function sourceOfList(names) {
  const imports = names.map((name, index) => `import plugin${index} from './plugins/${name}/index.js';`);
  const classes = names.map((_, index) => `class Plugin${index}Module {}\nModule({})(Plugin${index}Module);`);
  const modules = names.map((_, index) => `  { module: Plugin${index}Module, ...plugin${index}.register() },`);
  return `import { Module } from '@nestjs/common';
${imports.join('\n')}

${classes.join('\n')}

export const modules = [
${modules.join('\n')}
];
`;
}
