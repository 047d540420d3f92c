import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';

import { basicAuth, type AdminOptions, type PluginKitOptions } from 'nestjs-pluginkit';

import { bootApp, type AppSpec, type RunningApp } from './boot-app.js';
import { newDirectory } from './plugin-folders.js';

export const PASSWORD = 'correct horse';
export const ADA = `Basic ${Buffer.from(`ada:${PASSWORD}`).toString('base64')}`;
/** What a script sends to change something. */
export const JSON_BY_ADA = { authorization: ADA, 'content-type': 'application/json' };

/** What `fetch()` takes, with headers as an object. */
type AdminInit = Omit<RequestInit, 'headers'> & { headers?: Record<string, string> };

/** An answer, its body read as JSON where it is. */
interface Answer<Json = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Json;
}

/** An application with the admin on, and Ada as who may enter. */
export interface AdminApp extends RunningApp {
  readonly auditFile: string;
  /** Asks as Ada, unless told otherwise. */
  ask<Json = Record<string, unknown>>(path: string, init?: AdminInit): Promise<Answer<Json>>;
  post<Json = Record<string, unknown>>(
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<Json>>;
  /** Writes these bytes to a socket, and returns all that comes back until the server closes it. */
  raw(request: string): Promise<string>;
  /** Writes a request line and headers as they are, with Ada's credentials, and returns the status. */
  rawStatus(method: string, target: string, headers?: Record<string, string>, body?: string): Promise<number>;
}

export async function bootAdmin(
  options: Omit<PluginKitOptions, 'admin'> & { admin?: Partial<AdminOptions> } = {},
  spec: AppSpec = {},
): Promise<AdminApp> {
  const auditFile = options.admin?.audit?.file ?? path.join(newDirectory(), 'audit.jsonl');
  const admin: AdminOptions = {
    guards: [basicAuth({ users: { ada: PASSWORD } })],
    ...options.admin,
    audit: { file: auditFile, ...options.admin?.audit },
  };
  const app = await bootApp({ directories: [], live: true, ...options, admin }, spec);
  const ask = async <Json>(where: string, init: AdminInit = {}): Promise<Answer<Json>> => {
    const response = await fetch(app.url + where, { ...init, headers: { authorization: ADA, ...init.headers } });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: asJson(text) as Json }; // as the test says
  };
  const raw = async (request: string): Promise<string> => {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    let received = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
    socket.on('error', () => undefined);
    socket.write(request);
    await once(socket, 'close');
    return received;
  };
  return {
    ...app,
    auditFile,
    ask,
    post: <Json>(where: string, body?: unknown, headers: Record<string, string> = {}) =>
      ask<Json>(where, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    raw,
    rawStatus: async (method, target, headers = {}, body = '') => {
      const all = { host: new URL(app.url).host, authorization: ADA, connection: 'close', ...headers };
      const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
      const length = body === '' && method !== 'POST' ? '' : `content-length: ${Buffer.byteLength(body)}\r\n`;
      const answer = await raw(`${method} ${target} HTTP/1.1\r\n${lines.join('')}${length}\r\n${body}`);
      return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
    },
  };
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
