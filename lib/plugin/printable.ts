import { stripVTControlCharacters } from 'node:util';

/** The longest text that a plugin may put into one line of a log, in characters. */
const LONGEST = 8 * 1024;

/** Control characters (line breaks and tabs among them), and those that reorder or hide text. */
// eslint-disable-next-line no-control-regex -- these are exactly the ones that must not get through
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/g;

/** Makes text that comes from a plugin safe for one line of a log, a terminal or a page. */
export function printable(text: string): string {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return stripVTControlCharacters(cut).replace(UNPRINTABLE, ' ').trim();
}

/** Tells what was thrown in one safe line, whatever it was: an Error, a string, `undefined`, a hostile object. */
export function describeThrown(thrown: unknown): string {
  try {
    if (thrown instanceof Error) return printable(thrown.message) || thrown.name;
    if (typeof thrown === 'string') return printable(thrown) || 'an empty text';
    if (typeof thrown === 'object' && thrown !== null && 'message' in thrown) return printable(String(thrown.message));
    return printable(String(thrown));
  } catch {
    return 'something that cannot be shown as text';
  }
}
