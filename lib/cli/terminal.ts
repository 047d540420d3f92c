import { styleText } from 'node:util';

import { printable } from '../plugin/printable.js';

/** Whether a person reads what is written: tables and colour are for them alone. */
export function isTerminal(): boolean {
  return process.stdout.isTTY;
}

/** Colours text at a terminal, unless NO_COLOR is set or the terminal is a dumb one. */
export function coloured(style: Parameters<typeof styleText>[0], text: string): string {
  const { NO_COLOR = '', TERM } = process.env;
  return isTerminal() && NO_COLOR === '' && TERM !== 'dumb' ? styleText(style, text) : text;
}

/** Writes lines to the standard output; each is made safe before it is coloured, by whoever makes it. */
export function say(...lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}

/** Writes lines to the standard error. */
export function warn(...lines: readonly string[]): void {
  process.stderr.write(lines.map((line) => `${line}\n`).join(''));
}

/** Writes one JSON document; characters that could steer a terminal are written as escapes. */
export function sayJson(value: unknown): void {
  const text = JSON.stringify(value, undefined, 2);
  say(text.replace(STEERING, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`));
}

// JSON escapes the first 32 itself; the line breaks of its layout are ours.
const STEERING = /[\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** One cell of a table: what a plugin says, and how it is shown. */
export interface Cell {
  readonly text: string;
  readonly style?: Parameters<typeof styleText>[0];
}

/** Writes a table: with a head and in columns at a terminal, else one row a line with tabs in between. */
export function sayTable(head: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const safe = rows.map((row) => row.map(({ text, style }) => ({ text: printable(text), style })));
  if (!isTerminal()) {
    say(...safe.map((row) => row.map(({ text }) => text).join('\t')));
    return;
  }
  const all = [head.map((text) => ({ text, style: 'dim' as const })), ...safe];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.text.length ?? 0)));
  for (const row of all) {
    const cells = row.map(({ text, style }, column) => {
      const padded = column === row.length - 1 ? text : text.padEnd(widths[column] ?? 0);
      return style === undefined ? padded : coloured(style, padded);
    });
    say(cells.join('  '));
  }
}
