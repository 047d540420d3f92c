import path from 'node:path';

import { Command } from 'commander';

import { printable } from '../plugin/printable.js';
import { answer } from './answer.js';
import { askForPlugin, completeWish, type PartialWish } from './scaffold/ask-for-plugin.js';
import { minimalPlugin } from './scaffold/minimal-plugin.js';
import { pluginNameOf, whyNoName, whyNoText, type PluginWish } from './scaffold/plugin-wish.js';
import { typescriptPlugin } from './scaffold/typescript-plugin.js';
import { writeNewFiles } from './scaffold/write-files.js';
import { coloured, isTerminal, say, sayJson } from './terminal.js';

interface NewOptions extends Omit<PartialWish, 'packageName'> {
  readonly dir: string;
  readonly minimal?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** `pluginkit new <name>` */
export function newCommand(): Command {
  return new Command('new')
    .description('write a new plugin in TypeScript: with a page, a test and a small application to try it')
    .argument('[name]', 'shop, or @acme/shop; it is asked for at a terminal')
    .option('-d, --dir <dir>', 'where its folder is to be', '.')
    .option('--minimal', 'one file of JavaScript instead')
    .option('--author <author>', 'who makes it; whoever git knows by default')
    .option('--description <text>', 'what it does, in one sentence')
    .option('--license <name>', 'its licence by SPDX name; MIT by default')
    .option('-y, --yes', 'ask nothing')
    .option('--json', 'ask nothing, and print one JSON document')
    .action((name: string | undefined, options: NewOptions) => answer(options.json, () => create(name, options)));
}

async function create(name: string | undefined, options: NewOptions): Promise<boolean> {
  const { dir, minimal: isMinimal = false, yes = false, json = false } = options;
  const { author, description, license } = options;
  const said: PartialWish = { packageName: name, author, description, license };
  refuse(said, !isMinimal);
  const mayAsk = isTerminal() && process.stdin.isTTY && !yes && !json && process.env['CI'] === undefined;
  const wish = mayAsk ? await askForPlugin(said, !isMinimal) : completeWish(named(name), said);
  if (!wish) return false;
  const folder = path.resolve(dir, pluginNameOf(wish.packageName));
  const files = isMinimal ? minimalPlugin(wish) : typescriptPlugin(wish);
  writeNewFiles(folder, files);
  if (json) sayJson({ name: pluginNameOf(wish.packageName), folder, files: Object.keys(files) });
  else sayNext(wish, folder, isMinimal);
  return true;
}

/** Before anything is asked. */
function refuse({ packageName, ...texts }: PartialWish, isPackage: boolean): void {
  const why = packageName === undefined ? undefined : whyNoName(packageName, isPackage);
  if (why !== undefined) throw new Error(`"${printable(packageName ?? '')}" is no name for a plugin. ${why}`);
  for (const [option, text] of Object.entries(texts)) {
    const whyNot = text === undefined ? undefined : whyNoText(text);
    if (whyNot !== undefined) throw new Error(`--${option} cannot be taken. ${whyNot}`);
  }
}

function named(name: string | undefined): string {
  if (name === undefined) throw new Error('A new plugin needs a name: pluginkit new shop');
  return name;
}

function sayNext({ packageName }: PluginWish, folder: string, isMinimal: boolean): void {
  const place = printable(path.relative('', folder) || '.');
  say(`${coloured('green', printable(packageName))} is there, in ${place}.`);
  if (isMinimal)
    say('Put the folder into a plugin directory of an application: one that runs takes it in within a second.');
  else say('', `  cd ${place}`, '  npm install', '  npm test', '  npm run dev', '');
}
