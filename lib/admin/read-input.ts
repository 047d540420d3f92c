import { Readable } from 'node:stream';

import type { ChangeRequest } from './api.js';
import type { AuditQuery } from './audit-file.js';
import type { AdminRequest } from './guards/client.js';
import { Refusal } from './refusal.js';

/**
 * Reads a body of flags; nothing else may be in it.
 * @throws Refusal 400 telling which field is wrong
 */
export async function readFlags<Name extends keyof ChangeRequest>(
  request: AdminRequest,
  names: readonly Name[],
): Promise<Partial<Record<Name, boolean>>> {
  const body = request.body ?? (await readJson(request));
  if (body === undefined || body === null) return {};
  if (typeof body !== 'object' || Array.isArray(body) || Buffer.isBuffer(body))
    throw badRequest('The body must be a JSON object.', names);
  const flags: Partial<Record<Name, boolean>> = {};
  for (const key of Reflect.ownKeys(body)) {
    const name = names.find((each) => each === key);
    if (name === undefined) throw badRequest('The body has a field that is not known.', names);
    const value: unknown = Reflect.get(body, name);
    if (typeof value !== 'boolean') throw badRequest(`The field "${name}" must be true or false.`, names);
    flags[name] = value;
  }
  return flags;
}

/** The most that is read of a body, in bytes: the longest that makes sense has thirty. */
const MOST = 16 * 1024;

/**
 * Reads a body that nobody has read, as in an application with `bodyParser: false`: what it asks for must not be passed over.
 * @throws Refusal 400 for what is too long, or no JSON
 */
async function readJson(request: AdminRequest): Promise<unknown> {
  const stream = request.raw ?? request;
  if (!(stream instanceof Readable) || stream.readableEnded) return undefined;
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MOST) throw new Refusal(400, 'TOO_LARGE', 'The body is too large.');
  }
  if (length === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch {
    throw new Refusal(400, 'BAD_REQUEST', 'The body is no JSON.', { hint: 'Send {}, or nothing.' });
  }
}

/**
 * Reads `?limit=50&before=7&plugin=shop`.
 * @throws Refusal 400 telling which parameter is wrong
 */
export function readAuditQuery({ query }: AdminRequest): AuditQuery {
  const given = new Map(Object.entries(Object(query) as Record<string, unknown>));
  for (const [name, value] of given)
    if (!['limit', 'before', 'plugin'].includes(name) || typeof value !== 'string')
      throw new Refusal(400, 'BAD_REQUEST', 'The query has a parameter that is not known, or has one twice.', {
        hint: 'Give limit, before and plugin, each once at most.',
      });
  const limit = numberIn(given, 'limit', 1, 200) ?? 50;
  const before = numberIn(given, 'before', 0, Number.MAX_SAFE_INTEGER);
  const plugin = given.get('plugin');
  return {
    limit,
    ...(before !== undefined && { before }),
    ...(typeof plugin === 'string' && { plugin }),
  };
}

function numberIn(given: ReadonlyMap<string, unknown>, name: string, least: number, most: number): number | undefined {
  const text = given.get(name);
  if (text === undefined) return undefined;
  const number = typeof text === 'string' && /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (number >= least && number <= most) return number;
  throw new Refusal(400, 'BAD_REQUEST', `"${name}" must be a whole number from ${least} to ${most}.`);
}

function badRequest(message: string, names: readonly string[]): Refusal {
  const hint = names.length > 0 ? `Known are ${names.join(' and ')}.` : 'Send {}, or nothing.';
  return new Refusal(400, 'BAD_REQUEST', message, { hint });
}
