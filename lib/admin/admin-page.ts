import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { Injectable } from '@nestjs/common';

import { Answers } from './answers.js';
import type { AdminRequest } from './guards/client.js';
import { Refusal } from './refusal.js';

interface PageFile {
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
 * The files of the page, which the build puts beside this one. They are few, and read once: what a client asks for is looked up
 * among them, so that no path that it writes reaches the disk.
 */
@Injectable()
export class AdminPage {
  readonly #files = filesIn(path.join(import.meta.dirname, 'page'));

  constructor(private readonly answers: Answers) {}

  /** Answers the page itself. */
  open(request: AdminRequest, response: object): void {
    const page = this.#files.get('index.html');
    if (!page) throw new Refusal(404, 'NO_SUCH_PATH', 'The page was not built; the API is below api/.');
    const html = withBase(page.bytes.toString('utf8'), request.originalUrl ?? request.url);
    this.answers.send(response, 200, html, { 'Content-Type': page.type });
  }

  /** Answers a file of the page, by its path below the page's folder. @returns whether there is one */
  sendFile(file: string, response: object): boolean {
    const found = this.#files.get(file);
    if (found) this.answers.send(response, 200, found.bytes, { 'Content-Type': found.type });
    return found !== undefined;
  }
}

function filesIn(folder: string): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>();
  for (const file of listed(folder)) {
    const type = TYPES[path.extname(file)];
    if (type !== undefined)
      files.set(file.split(path.sep).join('/'), { type, bytes: readFileSync(path.join(folder, file)) });
  }
  return files;
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

/**
 * The links of the page are relative, so that it works behind any prefix and proxy: they must count from the admin's path,
 * be that written with a slash at the end or without.
 */
function withBase(html: string, url: string): string {
  const [way = ''] = url.split(/[?#]/, 1);
  const last = way.slice(way.lastIndexOf('/') + 1);
  const base = /^[\w.~%-]+$/.test(last) ? `./${last}/` : './';
  return html.replace(/<head(?:\s[^>]*)?>/i, (head) => `${head}<base href="${base}">`);
}
