import { Command } from 'commander';

import type { Plugin } from '../plugin/plugin.js';
import { PluginError } from '../plugin/plugin-error.js';
import { printable } from '../plugin/printable.js';
import { PluginSwitch } from '../registry/plugin-switch.js';
import type { StateChange } from '../registry/state-change.js';
import { BootJournal } from '../state/boot-journal.js';
import { MarkerFiles } from '../state/marker-files.js';
import { journalIn, release } from '../state/quarantine.js';
import type { WantedState } from '../state/state-store.js';
import { answer } from './answer.js';
import type { InspectedPlugin } from './inspection/inspection.js';
import { inspectPlugins } from './inspection/inspect-plugins.js';
import { nearNames } from './near-names.js';
import { placesOf, withPlaces, type PlaceOptions } from './plugin-places.js';
import { coloured, say, sayJson } from './terminal.js';

interface SwitchOptions extends PlaceOptions {
  readonly cascade?: boolean;
}

/** What the answer says of applications that run meanwhile. */
const WHEN = 'A running application takes it over within a second; it holds from each start on.';

/** `pluginkit enable <plugin>` */
export function enableCommand(): Command {
  return switchCommand('enable', 'enabled', 'switch a plugin on, and with --cascade those it depends on');
}

/** `pluginkit disable <plugin>` */
export function disableCommand(): Command {
  return switchCommand('disable', 'disabled', 'switch a plugin off, and with --cascade those that depend on it');
}

function switchCommand(verb: string, to: WantedState, description: string): Command {
  return withPlaces(new Command(verb).description(description).argument('<plugin>', 'its name, or that of its folder'))
    .option('--cascade', 'take other plugins along where that is necessary')
    .action((name: string, options: SwitchOptions) => answer(options.json, () => change(name, to, options)));
}

async function change(name: string, to: WantedState, options: SwitchOptions): Promise<boolean> {
  const { timeout, json, cascade = false } = options;
  // What is to be switched on is looked at, although a marker file still switches it off.
  const order = { ...placesOf(options), timeout, registers: false, ignoresMarkers: to === 'enabled' };
  const { plugins } = await inspectPlugins(order);
  const known = {
    all: (): readonly Plugin[] => plugins as readonly unknown[] as readonly Plugin[], // as far as switching looks at them
    get: (): Plugin => find(name, plugins) as unknown as Plugin,
  };
  const { plugin, state, applied, affected } = await new PluginSwitch(known, new MarkerFiles(), new BootJournal({}))
    .change(name, to, cascade)
    .catch((error: unknown) => {
      throw withoutTouch(error);
    });
  // Where a start died in it twice, it is left out until it is asked for.
  if (to === 'enabled') for (const directory of order.directories) await release(journalIn(directory), plugin);
  const told = { plugin, state, applied: applied === 'unchanged' ? applied : ('markers' as const), affected };
  if (json) sayJson({ ...told, ...(told.applied === 'markers' && { note: WHEN }) });
  else sayChange(told);
  return true;
}

function sayChange({
  plugin,
  state,
  applied,
  affected,
}: Pick<StateChange, 'plugin' | 'state' | 'affected'> & { applied: string }): void {
  const name = printable(plugin);
  if (applied === 'unchanged') {
    say(`${name} is ${state} already.`);
    return;
  }
  const others = affected.map((each) => printable(each)).join(', ');
  say(
    `${coloured('bold', name)} is ${state}${others === '' ? '' : `, and so ${affected.length === 1 ? 'is' : 'are'} ${others}`}.`,
    WHEN,
  );
}

function find(name: string, plugins: readonly InspectedPlugin[]): InspectedPlugin {
  const key = name.toLowerCase();
  const found =
    plugins.find((each) => each.name.toLowerCase() === key) ??
    plugins.find((each) => each.folderName.toLowerCase() === key);
  if (found) return found;
  const near = nearNames(
    name,
    plugins.map((each) => each.name),
  );
  throw new PluginError('NOT_FOUND', {
    plugin: name,
    detail: 'no plugin bears this name, nor does a folder of one',
    hint:
      near.length > 0
        ? `Did you mean ${near.join(' or ')}?`
        : 'pluginkit list tells the names there are; --dir names another folder.',
  });
}

/** The registry's hints speak of its own argument. */
function withoutTouch(error: unknown): unknown {
  if (!(error instanceof PluginError) || !error.hint.includes('cascade')) return error;
  const names = /\(([^)]*)\)/.exec(error.message)?.[1] ?? '';
  const verb = error.code === 'HAS_DEPENDENTS' ? 'disables' : 'enables';
  return new PluginError(error.code, {
    plugin: error.plugin,
    detail: names,
    hint: `--cascade ${verb} ${names} as well.`,
  });
}
