import path from 'node:path';

import { Command, Option } from 'commander';

import { printable } from '../plugin/printable.js';
import { answer } from './answer.js';
import { bisect } from './bisect/bisect.js';
import { diagnose } from './doctor/doctor.js';
import { toGitHub, toSarif } from './doctor/report-formats.js';
import type { Problem } from './doctor/rule.js';
import type { Inspection } from './inspection/inspection.js';
import { inspectPlugins } from './inspection/inspect-plugins.js';
import { libraryVersion } from './own-manifest.js';
import { placesOf, withPlaces, type PlaceOptions } from './plugin-places.js';
import { coloured, say, sayJson, warn } from './terminal.js';

const STYLES = { error: 'red', warning: 'yellow', note: 'blue' } as const;

interface CheckOptions extends PlaceOptions {
  readonly format?: 'sarif' | 'github';
  readonly strict?: boolean;
  readonly hostVersion?: string;
  /** A shell command. */
  readonly bisect?: string;
}

/** `pluginkit check` */
export function checkCommand(): Command {
  return withPlaces(new Command('check').description('look for everything that is wrong with plugins'))
    .argument('[folder...]', 'folders that are plugins themselves')
    .addOption(
      new Option('--format <format>', 'print a report for others').choices(['sarif', 'github']).conflicts('json'),
    )
    .option('--host-version <version>', "the application's version, compared with engines.host of plugins")
    .option('--strict', 'let warnings be errors')
    .option('--bisect <command>', 'find the plugin with which a shell command fails')
    .action((folders: string[], options: CheckOptions) => answer(options.json, () => check(folders, options)));
}

async function check(folders: readonly string[], options: CheckOptions): Promise<boolean> {
  const { timeout, hostVersion, json = false, format, strict = false, bisect: command } = options;
  const places = placesOf(options, folders);
  if (command !== undefined) return bisect(command, places, timeout, json);
  const inspection = await inspectPlugins({ ...places, timeout, hostVersion, registers: true, starts: true });
  const problems = diagnose(inspection);
  const unread = inspection.notices.filter(({ level }) => level === 'warn').map(({ text }) => text);
  const isFine =
    unread.length === 0 && !problems.some(({ severity }) => severity === 'error' || (strict && severity === 'warning'));
  if (json) sayJson({ ok: isFine, plugins: inspection.plugins.map(summary), problems, notices: unread });
  else if (format === 'sarif') sayJson(toSarif(problems, libraryVersion()));
  else if (format === 'github') say(...toGitHub(problems));
  else sayReport(inspection, problems);
  for (const text of unread) warn(printable(text));
  return isFine;
}

function summary({ name, metadata, state, folder }: Inspection['plugins'][number]): object {
  return { name, version: metadata.version, state, folder };
}

function sayReport({ plugins }: Inspection, problems: readonly Problem[]): void {
  for (const { severity, code, plugin, message, file, line, hint } of problems) {
    say(
      `${coloured(STYLES[severity], severity)} ${coloured('bold', printable(plugin))} ${code}: ${printable(message)}`,
    );
    if (file !== undefined)
      say(
        `  ${coloured('cyan', printable(`${path.relative('', file) || '.'}${line === undefined ? '' : `:${line}`}`))}`,
      );
    say(`  ${printable(hint)}`);
  }
  const off = plugins.filter(({ state }) => state === 'disabled').map(({ name }) => printable(name));
  if (off.length > 0) say(`Switched off, and not looked at: ${off.join(', ')}`);
  const counts = (['error', 'warning', 'note'] as const)
    .map((severity) => ({ severity, found: problems.filter((each) => each.severity === severity).length }))
    .filter(({ found }) => found > 0)
    .map(({ severity, found }) => count(found, severity));
  say(`${count(plugins.length, 'plugin')}: ${counts.join(', ') || coloured('green', 'no problems')}`);
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
