import type { CanActivate, DynamicModule, ForwardReference, Type } from '@nestjs/common';

import { trustedOrigin } from './cross-origin.js';
import type { AuditOptions } from './audit-file.js';
import { AllowIps } from './guards/allow-ips.js';
import type { ThrottleOptions } from './throttle.js';

/** What the application tells of its admin. */
export interface AdminOptions {
  /** Who may enter: guards, or classes of guards that Nest makes. All of them must agree. */
  guards: readonly (CanActivate | Type<CanActivate>)[];
  /** Where it lies, below the global prefix. @default 'pluginkit' */
  path?: string;
  /** Modules whose exports the classes under `guards` inject; those under `share` are there already. @default [] */
  imports?: readonly (Type | DynamicModule | ForwardReference)[];
  /** Names by which browsers reach it, beside localhost and addresses: `admin.example.org`, or `.example.org` for all below. @default [] */
  allowedHosts?: readonly string[];
  /** Other origins whose pages may change something: `https://ops.example.org`. @default [] */
  trustedOrigins?: readonly string[];
  /** Where the audit is kept. */
  audit?: AuditOptions;
  /** How many failed attempts are too many. */
  throttle?: ThrottleOptions;
}

/** The same with every default filled in. */
export interface ResolvedAdmin extends Required<Omit<AdminOptions, 'trustedOrigins'>> {
  readonly trustedOrigins: ReadonlySet<string>;
}

const CURE =
  "as admin: { guards: [basicAuth({ users: { ada: process.env['ADMIN_PASSWORD'] } })] }; without one, everybody could switch plugins off";

/**
 * Fills in the defaults, and checks what the application passed.
 * @throws TypeError telling the option and what to add
 */
export function resolveAdmin(given: false | AdminOptions | undefined): ResolvedAdmin | false {
  if (given === undefined || given === false) return false;
  const options: Partial<AdminOptions> = Object(given) as object; // `true` from JavaScript has no guards
  const { guards = [], path = 'pluginkit', imports = [], allowedHosts = [], trustedOrigins = [] } = options;
  if (!Array.isArray(guards) || !guards.every(isGuard)) throw wrong('guards', `must be a list of guards, ${CURE}`);
  if (guards.length === 0) throw wrong('guards', `must have at least one guard, ${CURE}`);
  if (guards.every((guard) => guard instanceof AllowIps || guard === AllowIps))
    throw wrong('guards', `must have a guard that asks who it is, since an address proves nobody, ${CURE}`);
  const segments = typeof path === 'string' ? path.replace(/^\/|\/$/g, '') : '';
  if (!/^[\w.~-]+(?:\/[\w.~-]+)*$/.test(segments) || /(?:^|\/)\.{1,2}(?:\/|$)/.test(segments))
    throw wrong('path', 'must be a path of letters, digits, "-", "_", "." and "~", as "pluginkit" or "ops/plugins"');
  if (!isListOfText(allowedHosts))
    throw wrong('allowedHosts', 'must be a list of host names, as ["admin.example.org"]');
  if (!Array.isArray(imports) || imports.some((each: unknown) => each == null))
    throw wrong('imports', 'must be a list of modules');
  return {
    guards,
    path: segments,
    imports,
    allowedHosts,
    trustedOrigins: new Set(readOrigins(trustedOrigins)),
    audit: checkNumbers('audit', options.audit, { maxBytes: 1024, keep: 0 }),
    throttle: checkNumbers('throttle', options.throttle, { failures: 1, seconds: 0.001, entries: 1 }),
  };
}

function readOrigins(origins: unknown): string[] {
  if (!isListOfText(origins))
    throw wrong('trustedOrigins', 'must be a list of origins, as ["https://ops.example.org"]');
  return origins.map((origin) => {
    try {
      return trustedOrigin(origin);
    } catch {
      throw wrong(
        'trustedOrigins',
        `must be origins without a path, as "https://ops.example.org"; "${origin}" is none`,
      );
    }
  });
}

function checkNumbers<T extends AuditOptions | ThrottleOptions>(
  name: 'audit' | 'throttle',
  given: T | null | undefined,
  least: Record<string, number>,
): T {
  if (given === undefined) return {} as T; // every field has a default where it is read
  if (typeof given !== 'object' || given === null) throw wrong(name, 'must be an object');
  for (const [key, value] of Object.entries(given) as [string, unknown][]) {
    if (name === 'audit' && key === 'file' && typeof value === 'string' && value !== '') continue;
    const minimum = least[key];
    if (value === undefined) continue;
    if (minimum === undefined || !(typeof value === 'number' && value >= minimum && Number.isFinite(value)))
      throw wrong(`${name}.${key}`, minimum === undefined ? 'is not known' : `must be a number of at least ${minimum}`);
  }
  return { ...given };
}

function isGuard(value: unknown): boolean {
  return (
    typeof value === 'function' ||
    (typeof value === 'object' && value !== null && typeof Reflect.get(value, 'canActivate') === 'function')
  );
}

function isListOfText(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string' && each !== '');
}

function wrong(name: string, sentence: string): TypeError {
  return new TypeError(`PluginKitModule: the option "admin.${name}" ${sentence}.`);
}
