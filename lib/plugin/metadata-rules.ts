import { isSemVer } from 'class-validator';
import semver from 'semver';

/** Control characters, and those that reorder or hide text: never in a name, an author, a description. */
// eslint-disable-next-line no-control-regex -- these are exactly the ones that must not get through
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

/** A real string with something to read in it; class-validator's own rule also takes '', ' ' and String objects. */
export function isReadableText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && !UNPRINTABLE.test(value);
}

/** A name that fits into paths, addresses and file names. */
export function isPluginName(value: unknown): boolean {
  return typeof value === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(value);
}

/** The strictest reading of Semantic Versioning 2.0: what both libraries of the field take, written as they would write it. */
export function isStrictSemVer(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    value.length <= 256 &&
    isSemVer(value) &&
    semver.parse(value)?.raw === value &&
    !value.startsWith('v')
  );
}

/** An absolute http or https address, written without characters that could end an attribute or hide text. */
export function isWebUrl(value: unknown): boolean {
  return isReadableText(value) && !/["'<>\s\\`]/.test(value) && /^https?:$/.test(protocolOf(value));
}

export function isPluginState(value: unknown): boolean {
  return value === 'enabled' || value === 'disabled';
}

/** An object of npm ranges by name. */
export function areRanges(value: unknown): boolean {
  return (
    isRecord(value) &&
    Object.entries(value).every(
      ([key, range]) => isReadableText(key) && typeof range === 'string' && semver.validRange(range) !== null,
    )
  );
}

/** What `engines` may name. */
export const ENGINES = ['nestjs-pluginkit', 'node', 'host'];

/** An object of npm ranges by engine. */
export function areEngines(value: unknown): boolean {
  return isRecord(value) && areRanges(value) && Object.keys(value).every((key) => ENGINES.includes(key));
}

/** A list of plugin names. */
export function areNames(value: unknown): boolean {
  return Array.isArray(value) && value.every(isReadableText);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function protocolOf(text: string): string {
  try {
    return new URL(text).protocol;
  } catch {
    return '';
  }
}
