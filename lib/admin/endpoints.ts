/** What a request asks of the admin, as the audit tells it. */
export interface Wish {
  readonly action: 'enable' | 'disable' | 'reload' | 'read';
  /** As it stands in the path, decoded. */
  readonly plugin?: string;
}

/** Reads it from method and path, since a request may be refused before it has reached a route. */
export function wishOf(method: string, url: string): Wish {
  const path = url.split(/[?#]/, 1)[0] ?? '';
  const [, name, verb] = /\/api\/plugins\/([^/]+)\/(enable|disable)\/?$/i.exec(path) ?? [];
  if (method === 'POST' && name !== undefined)
    return { action: verb?.toLowerCase() === 'enable' ? 'enable' : 'disable', plugin: decoded(name) };
  return method === 'POST' && /\/api\/reload\/?$/i.test(path) ? { action: 'reload' } : { action: 'read' };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
