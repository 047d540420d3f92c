import { Argument, Command } from 'commander';

import { findPlugins } from '../discovery/find-plugins.js';
import { isPluginName } from '../plugin/metadata-rules.js';
import { MarkerFiles } from '../state/marker-files.js';
import { SCRIPTS } from './completion-scripts.js';
import { say } from './terminal.js';

/** `pluginkit completion <shell>` */
export function completionCommand(): Command {
  return new Command('completion')
    .description('print what makes a shell complete commands and names of plugins')
    .addArgument(new Argument('<shell>').choices(Object.keys(SCRIPTS)))
    .action((shell: keyof typeof SCRIPTS) => say(SCRIPTS[shell]));
}

/** What the scripts call: prints what the last word can become, one a line. */
export function completeCommand(program: Command): Command {
  return new Command('__complete')
    .argument('[words...]')
    .allowUnknownOption()
    .helpOption(false)
    .action((words: string[]) => {
      const found = candidates(words, program);
      if (found.length > 0) say(...found);
    });
}

function candidates(words: readonly string[], program: Command): string[] {
  const last = words.at(-1) ?? '';
  const commands = program.commands.filter((each) => !each.name().startsWith('__'));
  const beginning = (possible: readonly string[]): string[] =>
    possible.filter((each) => each.startsWith(last)).toSorted();
  if (words.length <= 1) return beginning([...commands.map((each) => each.name()), 'help']);
  const command = commands.find((each) => each.name() === words[0] || each.aliases().includes(words[0] ?? ''));
  if (!command) return [];
  if (last.startsWith('-')) return beginning(command.options.flatMap(({ long }) => long ?? []));
  const choices = choicesOf(command, words.at(-2) ?? '');
  if (choices) return beginning(choices);
  const verb = command.name();
  if (verb === 'enable' || verb === 'disable') return beginning(switchable(words, verb));
  return beginning(command.registeredArguments.flatMap((argument) => argument.argChoices ?? []));
}

/** What may follow an option that takes a value; undefined where the word before is none. */
function choicesOf(command: Command, before: string): readonly string[] | undefined {
  const option = command.options.find((each) => (each.long === before || each.short === before) && each.required);
  return option && (option.argChoices ?? []);
}

/** The plugins that can be switched, by what their files tell: a press of a key runs no foreign code. */
function switchable(words: readonly string[], verb: 'enable' | 'disable'): string[] {
  const valuesOf = (...options: readonly string[]): string[] =>
    words.flatMap((word, index) =>
      options.includes(word) && words[index + 1] !== undefined ? [words[index + 1] ?? ''] : [],
    );
  const directories = valuesOf('-d', '--dir');
  const packages = valuesOf('-p', '--package');
  const markers = new MarkerFiles();
  const places = {
    directories: directories.length + packages.length > 0 ? directories : ['plugins'],
    packages,
    plugins: [],
  };
  return findPlugins({ ...places, typescript: true })
    .sources.flatMap((source) => (source.origin === 'inline' ? [] : [source]))
    .filter(
      ({ folder }) =>
        (markers.read(folder) === 'disabled') === (verb === 'enable') ||
        (verb === 'enable' && markers.read(folder) === undefined),
    )
    .map(({ name }) => name)
    .filter(isPluginName);
}
