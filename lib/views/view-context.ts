import type { Notice } from '../discovery/plugin-source.js';
import { isRecord } from '../extensions/extension-point.js';
import type { Contributor } from '../host/collect.js';
import { describeThrown } from '../plugin/printable.js';

/** The values that plugins give to templates: those of plugins that are loaded later win. */
export class ViewContexts {
  /** What could be found out without a request. */
  readonly notices: readonly Notice[];
  readonly #plugins: readonly Contributor[];
  readonly #told = new Set<string>();

  constructor(
    plugins: readonly Contributor[],
    private readonly reserved: readonly string[],
    private readonly tell: (level: 'warn' | 'error', text: string) => void,
  ) {
    this.#plugins = plugins.filter(({ draft }) => draft.viewContext !== undefined);
    const notices: Notice[] = [];
    const owners = new Map<string, string>();
    for (const { candidate, draft } of this.#plugins)
      if (typeof draft.viewContext === 'object')
        for (const name of Object.keys(draft.viewContext)) {
          const text = this.#conflict(owners, candidate.name, name);
          if (text !== undefined) notices.push({ level: 'warn', text });
        }
    for (const { text } of notices) this.#told.add(text);
    this.notices = notices;
  }

  /** @param request `undefined` where a page is rendered for none */
  valuesFor(request: object | undefined): Record<string, unknown> {
    const values = new Map<string, unknown>();
    const owners = new Map<string, string>();
    for (const { candidate, draft } of this.#plugins) {
      for (const [name, value] of this.#ask(candidate.name, draft.viewContext ?? {}, request)) {
        const conflict = this.#conflict(owners, candidate.name, name);
        if (conflict !== undefined) this.#tellOnce(conflict);
        if (!this.reserved.includes(name)) values.set(name, value);
      }
    }
    return Object.fromEntries(values);
  }

  #ask(
    plugin: string,
    context: NonNullable<Contributor['draft']['viewContext']>,
    request: object | undefined,
  ): [string, unknown][] {
    try {
      if (typeof context === 'object') return Object.entries(context);
      const values: unknown = context(request as never); // its own type of request
      if (isRecord(values) && typeof values['then'] !== 'function') return Object.entries(values);
      if (values instanceof Promise) values.catch(() => undefined);
      throw new TypeError('it must return an object, and at once');
    } catch (thrown) {
      this.tell('error', `The viewContext of the plugin "${plugin}" was left out: ${describeThrown(thrown)}`);
      return [];
    }
  }

  #conflict(owners: Map<string, string>, plugin: string, name: string): string | undefined {
    if (this.reserved.includes(name))
      return `The viewContext of the plugin "${plugin}" has "${name}", which is left out: it would hide the function of that name.`;
    const before = owners.get(name);
    owners.set(name, plugin);
    return before === undefined
      ? undefined
      : `The viewContext of the plugin "${plugin}" replaces "${name}" of the plugin "${before}". Rename one of the two.`;
  }

  #tellOnce(text: string): void {
    if (this.#told.has(text)) return;
    this.#told.add(text);
    this.tell('warn', text);
  }
}
