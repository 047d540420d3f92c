import type { Help } from './resolve-from-application.js';

/** Runs in Node's own loader thread (Node.js 20 only), where nothing else of this library is. */
interface Context {
  readonly parentURL?: string | undefined;
}
type Next = (specifier: string, context: Context) => Promise<unknown>;

/** One entry for each time the hook was registered; this module lives as long as the thread. */
const registered: Help[] = [];

/** Is told by `module.register()` whom to help. */
export function initialize(help: Help): void {
  registered.push(help);
}

/** Asks Node.js, and where it finds no such package for one of the folders, asks again from each base. */
export async function resolve(specifier: string, context: Context, next: Next): Promise<unknown> {
  try {
    return await next(specifier, context);
  } catch (error) {
    const help = registered.find(({ prefixes }) => prefixes.some((prefix) => context.parentURL?.startsWith(prefix)));
    if (!help || /^(?:[./#]|[a-z]+:)/i.test(specifier)) throw error;
    for (const parentURL of help.bases) {
      const found = await next(specifier, { ...context, parentURL }).catch(() => undefined);
      if (found !== undefined) return found;
    }
    throw error; // it names the plugin's own file
  }
}
