/** Runs in Node's own loader thread (Node.js 20 only), where nothing else of this library is. */
interface Data {
  readonly prefixes: readonly string[];
  readonly application: string;
}
interface Context {
  readonly parentURL?: string | undefined;
}
type Next = (specifier: string, context: Context) => Promise<unknown>;

/** One entry for each time the hook was registered; this module lives as long as the thread. */
const registered: Data[] = [];

/** Is told by `module.register()` whom to help. */
export function initialize(data: Data): void {
  registered.push(data);
}

/** Asks Node.js, and where it finds no such package for one of the folders, asks again as the application. */
export async function resolve(specifier: string, context: Context, next: Next): Promise<unknown> {
  try {
    return await next(specifier, context);
  } catch (error) {
    const help = registered.find(({ prefixes }) => prefixes.some((prefix) => context.parentURL?.startsWith(prefix)));
    if (!help || /^(?:[./#]|[a-z]+:)/i.test(specifier)) throw error;
    try {
      return await next(specifier, { ...context, parentURL: help.application });
    } catch {
      throw error; // the first one names the plugin's own file
    }
  }
}
