import type { DynamicModule, ForwardReference, Type } from '@nestjs/common';

import semver from 'semver';

import { resolveAdmin, type AdminOptions, type ResolvedAdmin } from './admin/admin.options.js';
import type { AuthoredPlugin } from './extensions/define-plugin.js';
import { resolveViewOptions, type ResolvedViewOptions, type ViewOptions } from './views/view-options.js';
import { isReloadOptions, type ReloadOptions } from './reload/reload-options.js';

/** What an application tells `PluginKitModule`; everything has a default. */
export interface PluginKitOptions extends ViewOptions {
  /** Folders whose sub-folders are plugins, relative to the working directory; a missing one is a warning. @default ['plugins'] */
  directories?: readonly string[];
  /** Folders that are plugins themselves, relative to the working directory. @default [] */
  folders?: readonly string[];
  /** Installed packages that are plugins, resolved from the application. @default [] */
  packages?: readonly string[];
  /** Plugins given as values. @default [] */
  plugins?: readonly AuthoredPlugin[];
  /** `isolate` reports a broken plugin and goes on without it; `throw` ends the boot with one AggregateError. @default 'isolate' */
  onFailure?: 'isolate' | 'throw';
  /** The longest that each of import, `register()`, module start, and a hook or error handler at one request may take for one plugin, in ms. @default 10000 */
  timeout?: number;
  /** The application's version, compared with `engines.host` of plugins; without it, that range is not looked at. */
  hostVersion?: string;
  /**
   * Whether plugins may be written in TypeScript: for development, with @swc/core beside this package. Where NODE_ENV is
   * "production", only JavaScript is loaded. @default false, but true below `pluginkit serve --ts`
   */
  typescript?: boolean;
  /**
   * Whether `PluginRegistry` switches plugins in the running application. Without, it writes the marker files, and they
   * hold from the next start on. @default true
   */
  live?: boolean;
  /**
   * Whether marker files and plugin folders that other processes write take effect in the running application.
   * @default true, but false where NODE_ENV is "test"
   */
  watch?: boolean;
  /**
   * How many bytes of former generations of ES modules may stay in memory, which Node.js never gives back: beyond, new code of
   * a plugin waits for the next start. Code in CommonJS does not count. @default 67108864, which is 64 MiB
   */
  codeBudget?: number;
  /** A file that tells the next start in which plugin the process died, or whether there is one beside the plugins. @default true */
  journal?: boolean | string;
  /**
   * What is done when a plugin throws an error that nobody catches, in a timer, a promise, a listener: it is logged and counted,
   * and the application runs on; `disable` switches the plugin off when there are too many. @default 'log'
   */
  onPluginError?: 'log' | 'disable';
  /** How many such errors of one plugin are too many, in how many ms: more are not logged, or it is disabled. @default { errors: 10, per: 60000 } */
  pluginErrorLimit?: { readonly errors: number; readonly per: number };
  /** Modules of the application whose exports every plugin may inject. @default [] */
  share?: readonly (Type | DynamicModule | ForwardReference)[];
  /** The admin over HTTP, with the guards that stand before it. @default false */
  admin?: false | AdminOptions;
  /** Who starts the application again where `pluginkit serve` does not. @default {} */
  reload?: ReloadOptions;
}

/** The injection token of the {@link ResolvedOptions}. */
export const RESOLVED_OPTIONS = Symbol('nestjs-pluginkit:options');

/** The options with every default filled in. */
export type ResolvedOptions = Required<Omit<PluginKitOptions, 'hostVersion' | 'admin' | keyof ViewOptions>> &
  Pick<PluginKitOptions, 'hostVersion'> &
  ResolvedViewOptions & { readonly admin: false | ResolvedAdmin };

/**
 * Fills in the defaults, and checks what the application passed.
 * @throws TypeError naming the option: the application's own mistake ends the boot
 */
export function resolveOptions(options: PluginKitOptions | undefined): ResolvedOptions {
  const given = options ?? {};
  const resolved: ResolvedOptions = {
    directories: given.directories ?? ['plugins'],
    folders: given.folders ?? [],
    packages: given.packages ?? [],
    plugins: given.plugins ?? [],
    onFailure: given.onFailure ?? 'isolate',
    timeout: given.timeout ?? 10_000,
    typescript: given.typescript ?? process.env['PLUGINKIT_TYPESCRIPT'] === '1',
    live: given.live ?? true,
    watch: given.watch ?? process.env['NODE_ENV'] !== 'test',
    codeBudget: given.codeBudget ?? 64 * 2 ** 20,
    journal: given.journal ?? true,
    onPluginError: given.onPluginError ?? 'log',
    pluginErrorLimit: given.pluginErrorLimit ?? { errors: 10, per: 60_000 },
    share: given.share ?? [],
    admin: resolveAdmin(given.admin),
    reload: given.reload ?? {},
    ...resolveViewOptions(given),
    ...(given.hostVersion !== undefined && { hostVersion: given.hostVersion }),
  };
  for (const name of ['directories', 'folders', 'packages'] as const)
    if (!isListOfText(resolved[name])) throw wrongOption(name, 'a list of texts');
  for (const name of ['plugins', 'share'] as const)
    if (!Array.isArray(resolved[name])) throw wrongOption(name, 'a list');
  if (!['isolate', 'throw'].includes(resolved.onFailure)) throw wrongOption('onFailure', "'isolate' or 'throw'");
  for (const name of ['live', 'typescript', 'watch'] as const)
    if (typeof resolved[name] !== 'boolean') throw wrongOption(name, 'true or false');
  if (!(resolved.codeBudget >= 0)) throw wrongOption('codeBudget', 'a number of bytes');
  if (typeof resolved.journal !== 'boolean' && (typeof resolved.journal !== 'string' || resolved.journal === ''))
    throw wrongOption('journal', 'true, false or the path of a file');
  if (!['log', 'disable'].includes(resolved.onPluginError)) throw wrongOption('onPluginError', "'log' or 'disable'");
  const { errors, per } = Object(resolved.pluginErrorLimit) as Partial<typeof resolved.pluginErrorLimit>;
  if (!Number.isInteger(errors) || (errors ?? 0) < 1 || !Number.isFinite(per) || (per ?? 0) <= 0)
    throw wrongOption(
      'pluginErrorLimit',
      'two numbers above 0, as { errors: 10, per: 60000 }, of which the first is whole',
    );
  // setTimeout takes no more than 31 bits, and fires at once beyond them.
  if (!(resolved.timeout > 0 && resolved.timeout < 2 ** 31))
    throw wrongOption('timeout', 'a number of milliseconds above 0');
  if (resolved.hostVersion !== undefined && semver.valid(resolved.hostVersion) === null)
    throw wrongOption('hostVersion', 'a Semantic Versioning 2.0 version');
  if (!isReloadOptions(resolved.reload))
    throw wrongOption(
      'reload',
      "an object such as { parentName: 'gunicorn: master [app]', health: () => isConnected() }, the name not empty",
    );
  if (resolved.share.some((each: unknown) => each == null))
    throw wrongOption('share', 'a list of modules; one is undefined, as an import that closes a circle of files gives');
  return resolved;
}

function isListOfText(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string' && each !== '');
}

function wrongOption(name: keyof PluginKitOptions, expected: string): TypeError {
  return new TypeError(`PluginKitModule: the option "${name}" must be ${expected}.`);
}
