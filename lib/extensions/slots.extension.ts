import { definePoint, isRecord, kindOf } from './extension-point.js';

/** What a plugin puts into a slot, with its place among others. */
export interface SlotEntry {
  /** A template file, by its path below the plugin's folder `templates`. */
  template?: string;
  /** The template itself. One of the two is given. */
  html?: string;
  /** Lower ones come first; of one order, those of plugins that are loaded first. @default 0 */
  order?: number;
}

/** `slots` of `register()`. */
export interface SlotsContribution {
  /** By slot of the application's pages: a text that ends as a template file does is one, every other text is a template itself. */
  slots?: Readonly<Record<string, string | SlotEntry>>;
}

/** One plugin's part in a slot, as it is rendered. */
export interface SlotPiece {
  readonly kind: 'file' | 'inline';
  /** The file's path below `templates`, or the template itself. */
  readonly text: string;
  readonly order: number;
}

export const slotsPoint = definePoint<Record<string, SlotEntry>>({
  key: 'slots',
  parse: (value) => {
    if (!isRecord(value)) throw new TypeError(`must be an object of templates by slot, it is ${kindOf(value)}`);
    return Object.fromEntries(Object.entries(value).map(([slot, given]) => [slot, parseEntry(slot, given)]));
  },
  contribute: (value, { slots }) => {
    for (const [slot, { template, html = '', order = 0 }] of Object.entries(value))
      slots.set(
        slot,
        template === undefined ? { kind: 'inline', text: html, order } : { kind: 'file', text: template, order },
      );
  },
});

const KEYS = ['template', 'html', 'order'];
const TEMPLATE_FILE = /\.(?:html?|xhtml|njk|eta)$/;

function parseEntry(slot: string, value: unknown): SlotEntry {
  if (typeof value === 'string') return TEMPLATE_FILE.test(value) ? { template: value } : { html: value };
  const its = `that of "${slot}"`;
  if (!isRecord(value)) throw new TypeError(`must be text or { template or html, order }, ${its} is ${kindOf(value)}`);
  const { template, html, order = 0 } = value;
  const unknown = Object.keys(value).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) throw new TypeError(`knows ${KEYS.join(', ')}, ${its} has "${unknown}"`);
  if ((template === undefined) === (html === undefined))
    throw new TypeError(`needs either template or html, ${its} has ${template === undefined ? 'neither' : 'both'}`);
  if (typeof (template ?? html) !== 'string' || template === '')
    throw new TypeError(
      `needs a template that is text, ${its} is ${template === '' ? 'empty' : kindOf(template ?? html)}`,
    );
  if (typeof order !== 'number' || !Number.isFinite(order))
    throw new TypeError(
      `needs an order that is a number, ${its} is ${typeof order === 'number' ? order : kindOf(order)}`,
    );
  return { ...(template === undefined ? { html: html as string } : { template: template as string }), order }; // one of them is text, as was just seen
}
