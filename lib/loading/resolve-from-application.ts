import * as nodeModule from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Folders that are helped already. Node.js keeps resolve hooks for the life of the process, so this must live as long. */
const helped = new Set<string>();

/**
 * Lets code below these folders import packages that it does not find by itself from where the application finds them:
 * a plugin folder outside the application's tree needs no node_modules of its own.
 */
export function resolveFromApplication(folders: readonly string[]): void {
  const strangers = folders.filter((folder) => !helped.has(folder));
  if (strangers.length === 0) return;
  for (const folder of strangers) helped.add(folder);
  const application = pathToFileURL(path.resolve('package.json')).href;
  const prefixes = strangers.map((folder) => `${pathToFileURL(folder).href}/`);
  if (hasSyncHooks(nodeModule)) nodeModule.registerHooks({ resolve: resolver(prefixes, application) });
  else hookOldNode(prefixes, application);
}

interface ResolveContext {
  readonly parentURL?: string | undefined;
}
type Resolve<Result> = (specifier: string, context: ResolveContext) => Result;

/** Node.js 22.15 and later: one hook for `import` and `require`, in this thread. */
interface WithSyncHooks {
  registerHooks(hooks: { resolve(specifier: string, context: ResolveContext, next: Resolve<unknown>): unknown }): void;
}

function hasSyncHooks(node: object): node is WithSyncHooks {
  return 'registerHooks' in node;
}

function resolver(prefixes: readonly string[], application: string) {
  return (specifier: string, context: ResolveContext, next: Resolve<unknown>): unknown => {
    try {
      return next(specifier, context);
    } catch (error) {
      if (!isPackage(specifier) || !prefixes.some((prefix) => context.parentURL?.startsWith(prefix))) throw error;
      try {
        return next(specifier, { ...context, parentURL: application });
      } catch {
        throw error; // the first one names the plugin's own file
      }
    }
  };
}

function isPackage(specifier: string): boolean {
  return !/^(?:[./#]|[a-z]+:)/i.test(specifier);
}

/** Node.js 20: `import` is hooked in a thread of its own, `require` by the function that every loader of the field replaces. */
function hookOldNode(prefixes: readonly string[], application: string): void {
  nodeModule.register(new URL('./resolve-hook.js', import.meta.url), { data: { prefixes, application } });
  const loader = nodeModule.Module as unknown as CommonJsLoader; // not in Node's types, but there since its beginning
  const requireFromApplication = nodeModule.createRequire(fileURLToPath(application));
  const original: unknown = Reflect.get(loader, '_resolveFilename');
  if (typeof original !== 'function') return;
  loader._resolveFilename = function (request, parent, ...rest) {
    try {
      return Reflect.apply(original, this, [request, parent, ...rest]) as string;
    } catch (error) {
      const parentUrl = typeof parent?.filename === 'string' ? pathToFileURL(parent.filename).href : '';
      if (!isPackage(request) || !prefixes.some((prefix) => parentUrl.startsWith(prefix))) throw error;
      try {
        return requireFromApplication.resolve(request);
      } catch {
        throw error;
      }
    }
  };
}

interface CommonJsLoader {
  _resolveFilename(request: string, parent: { filename?: string | null } | undefined, ...rest: unknown[]): string;
}
