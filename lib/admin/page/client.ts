import type { AdminError } from '#lib/admin/api.js';

// The script lies in <page>/assets/: so the page is found behind any prefix and any proxy, with and without a slash at its end.
const scriptUrl = import.meta.url;
const page = new URL('..', scriptUrl);
const TOKEN = 'pluginkit.token';

/** An answer that is no success, or none at all: then its status is 0. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint?: string,
    /** After how many seconds it may be tried again, where the server says so. */
    readonly retryAfter?: number,
    /** How the server wants to be told who asks: `Basic` or `Bearer`. */
    readonly scheme?: string,
  ) {
    super(message);
  }
}

/** Reads what the admin tells. @throws ApiError */
export async function read<T>(path: string): Promise<T> {
  const response = await request(path);
  return (await response.json()) as T;
}

/** Tells the admin what to do. @throws ApiError */
export async function send<T>(path: string, body: object = {}): Promise<T> {
  const response = await request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await response.json()) as T;
}

/** Asks, with the token where one was given. @throws ApiError */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  const token = sessionStorage.getItem(TOKEN);
  if (token !== null) headers.set('authorization', `Bearer ${token}`);
  let response;
  try {
    response = await fetch(new URL(`api/${path}`, page), { cache: 'no-store', ...init, headers });
  } catch (error) {
    if (init.signal?.aborted === true) throw error;
    throw new ApiError(0, 'OFFLINE', '');
  }
  if (!response.ok) throw await apiError(response);
  return response;
}

/** The path of one plugin below `api/`. */
export function pathOf(plugin: string): string {
  return `plugins/${encodeURIComponent(plugin)}`;
}

/** Keeps a token for this tab, or forgets it. */
export function keepToken(token: string | undefined): void {
  if (token === undefined) sessionStorage.removeItem(TOKEN);
  else sessionStorage.setItem(TOKEN, token);
}

/** Whether this tab was given a token. */
export function hasToken(): boolean {
  return sessionStorage.getItem(TOKEN) !== null;
}

/** Whatever was thrown, as one kind of error. */
export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  return new ApiError(0, 'UNEXPECTED', thrown instanceof Error ? thrown.message : String(thrown));
}

/** A proxy in between may answer with something else than the JSON of the admin. */
async function apiError(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => ({}))) as Partial<AdminError>;
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new ApiError(
    response.status,
    typeof body.code === 'string' ? body.code : `HTTP ${response.status}`,
    typeof body.message === 'string' ? body.message : response.statusText,
    typeof body.hint === 'string' ? body.hint : undefined,
    Number.isFinite(seconds) ? seconds : undefined,
    /^\w+/.exec(response.headers.get('www-authenticate') ?? '')?.[0],
  );
}
