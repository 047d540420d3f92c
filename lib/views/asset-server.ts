import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';

import send from 'send';

import type { FileInside } from '../discovery/file-inside.js';
import type { AssetFiles, AssetOwners } from './asset-files.js';

const FOR_A_YEAR = 'public, max-age=31536000, immutable';
const ASK_AGAIN = 'public, max-age=0, must-revalidate';

/** What goes on where there is no file: the application, as if this were not here. */
type Next = (error?: unknown) => void;

/** Answers requests for the files of plugins, and lets everything else by. */
export class AssetServer {
  constructor(
    private readonly files: AssetFiles,
    private readonly assetsPath: string,
    private readonly ownersFor: (request: object) => AssetOwners,
  ) {}

  /** @param beforeAnswer is called when it is certain that this answers, before anything is written */
  handle(request: IncomingMessage, response: ServerResponse, next: Next, beforeAnswer: () => void): void {
    const { method, url = '' } = request;
    if (!url.startsWith(this.assetsPath) || (method !== 'GET' && method !== 'HEAD')) {
      next();
      return;
    }
    const found = this.#find(request, url);
    if (!found) {
      next();
      return;
    }
    this.#send(found, request, response, next, beforeAnswer);
  }

  #find(request: IncomingMessage, url: string): FileInside | undefined {
    const [pathname = ''] = url.split(/[?#]/, 1);
    const [before, plugin, ...segments] = pathname.slice(this.assetsPath.length).split('/').map(decoded);
    if (before !== '' || plugin === undefined || segments.length === 0) return undefined;
    const names = segments.filter((segment) => segment !== undefined);
    if (names.length < segments.length) return undefined;
    return this.files.find(this.ownersFor(request), plugin, names);
  }

  #send(
    found: FileInside,
    request: IncomingMessage,
    response: ServerResponse,
    next: Next,
    beforeAnswer: () => void,
  ): void {
    const before = response.getHeaderNames();
    const wanted = new URLSearchParams(request.url?.split('?', 2)[1]).get('v');
    const relative = path.relative(found.folder, found.file).split(path.sep).map(encodeURIComponent).join('/');
    send(request, relative, { root: found.folder, index: false, dotfiles: 'ignore', cacheControl: false })
      .on('headers', () => {
        beforeAnswer();
        response.setHeader(
          'Cache-Control',
          wanted !== null && wanted === this.files.versionOf(found) ? FOR_A_YEAR : ASK_AGAIN,
        );
        response.setHeader('X-Content-Type-Options', 'nosniff');
      })
      .on('directory', () => next())
      .on('error', (error: SendError) => {
        if (response.headersSent) response.destroy();
        else if (error.status === 412 || error.status === 416) refuse(response, error);
        else {
          forget(response, before);
          next(error.status < 500 || error.code === 'EACCES' ? undefined : error); // gone since, or nobody's to read
        }
      })
      .pipe(response);
  }
}

interface SendError extends Error {
  readonly status: number;
  readonly code?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The range is outside of the file, or a condition of the client is not met. */
function refuse(response: ServerResponse, { status, headers = {} }: SendError): void {
  for (const name of ['Content-Type', 'Content-Length', 'Content-Range', 'Cache-Control']) response.removeHeader(name);
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.statusCode = status;
  response.end();
}

/** What follows must not find headers of a file. */
function forget(response: ServerResponse, before: readonly string[]): void {
  for (const name of response.getHeaderNames()) if (!before.includes(name)) response.removeHeader(name);
  response.statusCode = 200;
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
