import * as nodeModule from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { applicationBases } from '../discovery/application-bases.js';

/** Whom to help, and how: what Node.js is told when it asks where a package is. */
export interface Help {
  /** URLs of folders, each with a slash at its end. */
  readonly prefixes: readonly string[];
  /** URLs of files that the application's packages are looked for from, one after the other. */
  readonly bases: readonly string[];
}

/** Folders that are helped already. Node.js keeps resolve hooks for the life of the process, so this must live as long. */
const helped = new Set<string>();

/**
 * Lets code below these folders import packages that it does not find by itself from where the application finds them,
 * and from where this library lies: a plugin folder outside the application's tree needs no node_modules of its own.
 */
export function resolveFromApplication(folders: readonly string[]): void {
  const strangers = folders.filter((folder) => !helped.has(folder));
  if (strangers.length === 0) return;
  for (const folder of strangers) helped.add(folder);
  const help = {
    prefixes: strangers.map((folder) => `${pathToFileURL(folder).href}/`),
    bases: [...applicationBases().map((file) => pathToFileURL(file).href), import.meta.url],
  };
  if (hasSyncHooks(nodeModule)) nodeModule.registerHooks({ resolve: (...args) => resolveWithHelp(help, ...args) });
  else hookOldNode(help);
}

interface ResolveContext {
  readonly parentURL?: string | undefined;
  readonly conditions?: readonly string[];
}
type Resolve = (specifier: string, context: ResolveContext) => unknown;

/** Node.js 22.15 and later: one hook for `import` and `require`, in this thread. */
interface WithSyncHooks {
  registerHooks(hooks: { resolve(specifier: string, context: ResolveContext, next: Resolve): unknown }): void;
}

function hasSyncHooks(node: object): node is WithSyncHooks {
  return 'registerHooks' in node;
}

function resolveWithHelp(help: Help, specifier: string, context: ResolveContext, next: Resolve): unknown {
  const bases = basesFor(help, specifier, context.parentURL);
  return firstOf([
    () => next(specifier, context),
    ...bases.map((base) => () => fromBase(base, specifier, context, next)),
  ]);
}

/** For `require`, Node.js looks from the file that asks, whatever it is told: it is asked in the name of the base instead. */
function fromBase(base: string, specifier: string, context: ResolveContext, next: Resolve): unknown {
  if (!context.conditions?.includes('require')) return next(specifier, { ...context, parentURL: base });
  return { url: pathToFileURL(nodeModule.createRequire(base).resolve(specifier)).href, shortCircuit: true };
}

/** From where else a package may be looked for: nowhere, unless it is one of the folders that asks for a package. */
function basesFor({ prefixes, bases }: Help, specifier: string, parentUrl: string | undefined): readonly string[] {
  const isPackage = !/^(?:[./#]|[a-z]+:)/i.test(specifier);
  return isPackage && prefixes.some((prefix) => parentUrl?.startsWith(prefix)) ? bases : [];
}

/** The result of the first that does not throw, else what the first one threw: it names the plugin's own file. */
function firstOf<T>(ways: readonly (() => T)[]): T {
  let thrown: { error: unknown } | undefined;
  for (const way of ways) {
    try {
      return way();
    } catch (error) {
      thrown ??= { error };
    }
  }
  throw thrown?.error;
}

/** Node.js 20: `import` is hooked in a thread of its own, `require` by the function that every loader of the field replaces. */
function hookOldNode(help: Help): void {
  nodeModule.register(new URL('./resolve-hook.js', import.meta.url), { data: help });
  const loader = nodeModule.Module as unknown as CommonJsLoader; // not in Node's types, but there since its beginning
  const original: unknown = Reflect.get(loader, '_resolveFilename');
  if (typeof original !== 'function') return;
  loader._resolveFilename = function (request, parent, ...rest) {
    const parentUrl = typeof parent?.filename === 'string' ? pathToFileURL(parent.filename).href : undefined;
    return firstOf([
      () => Reflect.apply(original, this, [request, parent, ...rest]) as string,
      ...basesFor(help, request, parentUrl).map(
        (base) => () => nodeModule.createRequire(fileURLToPath(base)).resolve(request),
      ),
    ]);
  };
}

interface CommonJsLoader {
  _resolveFilename(request: string, parent: { filename?: string | null } | undefined, ...rest: unknown[]): string;
}
