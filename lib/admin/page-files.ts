import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A file of the page. */
export interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/**
 * Reads the files of the page, by their path below its folder. There are few of them, and what a client asks for is looked up
 * among them: no path that it writes reaches the disk.
 */
export function readPage(folder: string): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>();
  for (const entry of listed(folder)) {
    const type = TYPES[path.extname(entry)];
    if (type !== undefined)
      files.set(entry.split(path.sep).join('/'), { type, bytes: readFileSync(path.join(folder, entry)) });
  }
  return files;
}

/**
 * The page as it is sent: its links are relative, so that it works behind any prefix and proxy, and must count from the
 * admin's path, be that written with a slash at the end or without.
 */
export function pageFor(url: string, page: PageFile): string {
  const [way = ''] = url.split(/[?#]/, 1);
  const last = way.slice(way.lastIndexOf('/') + 1);
  const base = last === '' || !/^[\w.~%-]+$/.test(last) ? './' : `./${last}/`;
  return page.bytes.toString('utf8').replace(/<head(?:\s[^>]*)?>/i, (head) => `${head}<base href="${base}">`);
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
  } catch {
    return []; // the API works without the page
  }
}
