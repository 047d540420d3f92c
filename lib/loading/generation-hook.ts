// On Node.js 20, this runs in Node's own loader thread, where nothing else of this library is.

/** What Node.js tells a resolve hook. */
export interface ResolveContext {
  readonly parentURL?: string | undefined;
}
type Resolved = { url: string };

const SUFFIX = /\?pluginkit=\d+\.(\d+)$/;

/** Gives a file the generation of the one that imports it, where both lie in the same plugin's folder. */
export function carried<T extends Resolved>(resolved: T, { parentURL = '' }: ResolveContext): T {
  const [suffix, length] = SUFFIX.exec(parentURL) ?? [];
  if (suffix === undefined || resolved.url.includes('?')) return resolved;
  const folder = `${parentURL.slice(0, Number(length))}/`;
  if (!resolved.url.startsWith(folder) || resolved.url.includes('/node_modules/')) return resolved;
  return { ...resolved, url: resolved.url + suffix };
}

/** The hook itself, for `module.register()`. */
export async function resolve(
  specifier: string,
  context: ResolveContext,
  next: (specifier: string, context: ResolveContext) => Promise<Resolved>,
): Promise<Resolved> {
  return carried(await next(specifier, context), context);
}
