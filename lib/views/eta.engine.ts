import type { Eta } from 'eta';

import { CompiledTemplates } from './compiled-templates.js';
import type { ViewEngine, ViewEnvironment, ViewSetup } from './view-engine.js';

/** How its template files end. */
export const ETA_ENDINGS = ['.eta', '.html', '.htm', '.xhtml'];

/** Renders by eta, whose templates are JavaScript. The functions are on `it`, the filters on `it.filters`. */
export class EtaEngine implements ViewEngine {
  readonly name = 'eta';
  readonly extensions = ETA_ENDINGS;
  readonly #compiled = new CompiledTemplates<ReturnType<Eta['compile']>>();

  constructor(private readonly library: { readonly Eta: typeof Eta }) {}

  markSafe(html: string): unknown {
    return new SafeText(html);
  }

  createEnvironment({ find, functions, filter, cache }: ViewSetup): ViewEnvironment {
    this.#compiled.turn();
    const eta = new this.library.Eta({ cache });
    const { escapeFunction } = eta.config;
    eta.configure({ escapeFunction: (value) => (value instanceof SafeText ? value.html : escapeFunction(value)) });
    const { compile } = eta;
    eta.compile = (text, options) => this.#compiled.get(text, () => compile.call(eta, text, options));
    const found = (name: string, from?: string): { id: string; text: string } => {
      const source = find(name, from);
      if (source) return source;
      throw new Error(`template not found: ${name}`);
    };
    eta.resolvePath = (name, options) => found(name, options?.filepath).id;
    eta.readFile = (id) => found(id).text;
    const filters: unknown = new Proxy({}, { get: (_target, name) => filter(String(name)) });
    const dataOf = (context: Readonly<Record<string, unknown>>): object => ({ ...functions, filters, ...context });
    return {
      render: (name, context) => eta.render(name, dataOf(context)),
      renderText: ({ id, text }, context) => eta.render(eta.compile(text), dataOf(context), { filepath: id }),
    };
  }
}

class SafeText {
  constructor(readonly html: string) {}

  toString(): string {
    return this.html;
  }
}
