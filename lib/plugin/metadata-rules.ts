import { ValidateBy } from 'class-validator';
import semver from 'semver';

/** Control characters, and those that reorder or hide text: never in a name, an author, a description. */
// eslint-disable-next-line no-control-regex -- these are exactly the ones that must not get through
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

/** A real string with something to read in it; class-validator's own rule also takes '', ' ' and String objects. */
export const IsReadableText = (): PropertyDecorator =>
  rule('isReadableText', isReadableText, '$property must be text without control characters, and not empty');

/** The strictest reading of Semantic Versioning 2.0: exactly what semver itself would write. */
export const IsStrictSemVer = (): PropertyDecorator =>
  rule(
    'isStrictSemVer',
    (value) =>
      typeof value === 'string' && value.length <= 256 && semver.parse(value)?.raw === value && !/^v|\s/i.test(value),
    '$property must be a Semantic Versioning 2.0 version, as 1.0.0',
  );

/** An absolute http or https address, written without characters that could end an attribute or hide text. */
export const IsWebUrl = (): PropertyDecorator =>
  rule(
    'isWebUrl',
    (value) => isReadableText(value) && !/["'<>\s\\`]/.test(value) && /^https?:$/.test(protocolOf(value)),
    '$property must be an http or https URL',
  );

/** An object whose keys are of the given set (any key where none is given) and whose values are npm ranges. */
export const AreRanges = (keys?: readonly string[]): PropertyDecorator =>
  rule(
    'areRanges',
    (value) =>
      isRecord(value) &&
      Object.entries(value).every(
        ([key, range]) =>
          (keys ? keys.includes(key) : isReadableText(key)) &&
          typeof range === 'string' &&
          semver.validRange(range) !== null,
      ),
    keys
      ? `$property must be an object of npm ranges with the keys ${keys.join(', ')}, as { "${keys[0]}": "^1.0.0" }`
      : '$property must be an object of npm ranges by plugin name, as { "comments": "^1.0.0" }',
  );

/** A list of plugin names. */
export const AreNames = (): PropertyDecorator =>
  rule(
    'areNames',
    (value) => Array.isArray(value) && value.every(isReadableText),
    '$property must be a list of plugin names',
  );

function rule(name: string, validate: (value: unknown) => boolean, message: string): PropertyDecorator {
  return ValidateBy({ name, validator: { validate, defaultMessage: () => message } });
}

function isReadableText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && !UNPRINTABLE.test(value);
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
