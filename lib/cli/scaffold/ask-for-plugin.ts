import { execFileSync } from 'node:child_process';
import { userInfo } from 'node:os';

import { cancel, intro, isCancel, text } from '@clack/prompts';

import { pluginNameOf, whyNoName, whyNoText, type PluginWish } from './plugin-wish.js';

/** What was said on the command line. */
export type PartialWish = { readonly [Key in keyof PluginWish]?: PluginWish[Key] | undefined };

/** Fills in what was not said, without asking. */
export function completeWish(packageName: string, { author, description, license }: PartialWish): PluginWish {
  return {
    packageName,
    author: author ?? whoever(),
    description: description ?? `The plugin ${pluginNameOf(packageName)}.`,
    license: license ?? 'MIT',
  };
}

/**
 * Asks the person at the terminal for what was not said on the command line.
 * @returns undefined when they leave
 */
export async function askForPlugin(said: PartialWish, isPackage: boolean): Promise<PluginWish | undefined> {
  intro('A new plugin');
  const packageName = said.packageName ?? (await ask('What is it called?', '', (value) => whyNoName(value, isPackage)));
  if (packageName === undefined) return undefined;
  const usual = completeWish(packageName, said);
  const description = said.description ?? (await ask('What does it do?', usual.description, whyNoText));
  if (description === undefined) return undefined;
  const author = said.author ?? (await ask('Who makes it?', usual.author, whyNoText));
  if (author === undefined) return undefined;
  const license = said.license ?? (await ask('Under which licence?', usual.license, whyNoText));
  return license === undefined ? undefined : { packageName, description, author, license };
}

async function ask(
  message: string,
  usual: string,
  whyNot: (value: string) => string | undefined,
): Promise<string | undefined> {
  const given = await text({
    message,
    ...(usual !== '' && { placeholder: usual, defaultValue: usual }),
    validate: (value = '') => whyNot(value === '' ? usual : value),
  });
  if (!isCancel(given)) return given;
  cancel('Nothing was written.');
  return undefined;
}

/** As git knows the person, else as the system does. */
function whoever(): string {
  const [name, email] = ['user.name', 'user.email'].map((key) => {
    try {
      return execFileSync('git', ['config', key], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    } catch {
      return ''; // not set, or no git
    }
  });
  return name ? `${name}${email ? ` <${email}>` : ''}` : userInfo().username;
}
