import { Option, InvalidArgumentError, type Command } from 'commander';

/** Where the commands look for plugins, and how they answer. */
export interface PlaceOptions {
  readonly dir: readonly string[];
  readonly package: readonly string[];
  /** For each step of one plugin, in ms. */
  readonly timeout: number;
  readonly json?: boolean;
  readonly ts?: boolean;
}

/** Adds the options that every command about plugins has. */
export function withPlaces(command: Command): Command {
  return command
    .option('-d, --dir <dir>', 'folder whose sub-folders are plugins; may be given again (default: plugins)', also, [])
    .option('-p, --package <name>', 'installed package that is a plugin; may be given again', also, [])
    .addOption(
      new Option('--timeout <ms>', 'the longest that each step of one plugin may take')
        .default(10_000)
        .argParser(milliseconds),
    )
    .option('--ts', 'look at plugins in TypeScript, too; needs @swc/core')
    .option('--json', 'print one JSON document');
}

/** The places that were named; the folder `plugins` where none was. */
export function placesOf(
  { dir, package: packages, ts = false }: PlaceOptions,
  folders: readonly string[] = [],
): Places {
  const isNamed = dir.length + packages.length + folders.length > 0;
  return { directories: isNamed ? dir : ['plugins'], folders, packages, typescript: ts };
}

/** What a search for plugins begins from. */
export interface Places {
  readonly directories: readonly string[];
  readonly folders: readonly string[];
  readonly packages: readonly string[];
  readonly typescript: boolean;
}

function also(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

function milliseconds(value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number > 0 && number < 2 ** 31) return number;
  throw new InvalidArgumentError('It must be a number of milliseconds above 0.');
}
