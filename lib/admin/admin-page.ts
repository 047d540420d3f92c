import { readFileSync } from 'node:fs';
import path from 'node:path';

import { Inject, Injectable } from '@nestjs/common';

import { ADMIN_OPTIONS } from './admin.guard.js';
import type { ResolvedAdmin } from './admin.options.js';
import { Answers } from './answers.js';
import { headerOf, type AdminRequest } from './guards/client.js';
import { Refusal } from './refusal.js';

/** Where the build puts the page. */
export const PAGE_FOLDER = path.join(import.meta.dirname, 'page');

const HTML = { 'Content-Type': 'text/html; charset=utf-8' };

/** The document of the page. It holds nothing: the page reads all that it shows from the API, behind the guards. */
@Injectable()
export class AdminPage {
  readonly #document = readDocument();
  readonly #path: RegExp;

  constructor(
    @Inject(ADMIN_OPTIONS) { path: place }: ResolvedAdmin,
    private readonly answers: Answers,
  ) {
    this.#path = new RegExp(`(?:^|/)${place.replaceAll('.', '\\.')}/?$`, 'i');
  }

  /** Answers it to whom the guards let in. */
  open(request: AdminRequest, response: object): void {
    if (this.#document === undefined)
      throw new Refusal(404, 'NO_SUCH_PATH', 'The page was not built; the API is below api/.');
    this.answers.send(response, 200, withBase(this.#document, wayOf(request)), HTML);
  }

  /**
   * Answers it together with the refusal to a browser that has to sign in: for a password the browser asks by itself, for
   * a token the page does.
   * @returns whether it was the page that was asked for
   */
  askToSignIn(request: AdminRequest, response: object, headers: Readonly<Record<string, string>>): boolean {
    const way = wayOf(request);
    const isAsked = request.method === 'GET' && this.#path.test(way);
    if (!isAsked || this.#document === undefined || !/\btext\/html\b/i.test(headerOf(request, 'accept') ?? ''))
      return false;
    this.answers.send(response, 401, withBase(this.#document, way), { ...headers, ...HTML });
    return true;
  }
}

function readDocument(): string | undefined {
  try {
    return readFileSync(path.join(PAGE_FOLDER, 'index.html'), 'utf8');
  } catch {
    return undefined; // the API works without the page
  }
}

function wayOf({ originalUrl, url }: AdminRequest): string {
  return (originalUrl ?? url).split(/[?#]/, 1)[0] ?? '';
}

/**
 * The links of the page are relative, so that it works behind any prefix and proxy: they must count from the admin's path,
 * be that written with a slash at the end or without.
 */
function withBase(html: string, way: string): string {
  const last = way.slice(way.lastIndexOf('/') + 1);
  const base = /^[\w.~%-]+$/.test(last) ? `./${last}/` : './';
  return html.replace('<head>', `<head><base href="${base}">`);
}
