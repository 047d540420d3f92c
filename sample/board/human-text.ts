import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { Length } from 'class-validator';

/** A field that a person fills in: a text of 1 to `max` characters, of one line unless `lines` is set. */
export function HumanText(max: number, { lines = false } = {}): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? tidy(value, lines) : value)),
    Length(1, max, { message: '$property must be a text of 1 to $constraint2 characters' }),
  );
}

/** Forms send CRLF; and one character that XML cannot carry would break every feed in which the text appears. */
function tidy(text: string, lines: boolean): string {
  const unified = text.replaceAll('\r\n', '\n');
  return unified.replaceAll(lines ? UNPRINTABLE : UNPRINTABLE_OR_BREAK, ' ').trim();
}

const UNPRINTABLE = /(?![\n\t])[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu;
const UNPRINTABLE_OR_BREAK = /[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu;
