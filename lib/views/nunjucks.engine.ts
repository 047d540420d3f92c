import type nunjucks from 'nunjucks';

import { CompiledTemplates } from './compiled-templates.js';
import { relativeTo } from './template-folders.js';
import type { TemplateSource, ViewEngine, ViewEnvironment, ViewSetup } from './view-engine.js';

/** What a template is compiled to, in the form in which `Template` takes precompiled ones. */
interface Compiled {
  readonly type: 'code';
  readonly obj: Readonly<Record<string, unknown>>;
}

/** What templates and environments have beside what their types tell. */
interface TemplateInternals {
  readonly rootRenderFunc: unknown;
  readonly blocks: Readonly<Record<string, unknown>>;
}
interface EnvironmentInternals {
  readonly filters: Readonly<Record<string, unknown>>;
  readonly loaders: { cache: object }[];
}

/** How its template files end. */
export const NUNJUCKS_ENDINGS = ['.njk', '.html', '.htm', '.xhtml'];

/** Renders by nunjucks, whose templates are much like those of Jinja. */
export class NunjucksEngine implements ViewEngine {
  readonly name = 'nunjucks';
  readonly extensions = NUNJUCKS_ENDINGS;
  readonly filterNames: readonly string[];
  /** Templates are compiled in it, and rendered in others. */
  readonly #compiler: nunjucks.Environment;
  readonly #compiled = new CompiledTemplates<Compiled>();

  constructor(private readonly library: typeof nunjucks) {
    this.#compiler = new library.Environment([]);
    this.filterNames = Object.keys(internalsOf(this.#compiler).filters);
  }

  markSafe(html: string): unknown {
    return new this.library.runtime.SafeString(html);
  }

  createEnvironment(setup: ViewSetup): ViewEnvironment {
    this.#compiled.turn();
    const environment = new this.library.Environment([this.#loader(setup)], { autoescape: true });
    const { filters, loaders } = internalsOf(environment);
    for (const loader of loaders) loader.cache = Object.create(null) as object; // a template may be called "constructor"
    // As templates of Jinja write them.
    for (const [name, value] of Object.entries({ True: true, False: false, None: null }))
      environment.addGlobal(name, value);
    for (const [name, call] of Object.entries(setup.functions))
      environment.addGlobal(name, (...args: readonly unknown[]) => call(...args.map(withoutMark)));
    environment.getFilter = (name) => {
      const filter = Object.hasOwn(filters, name) ? filters[name] : setup.filter(name);
      if (typeof filter === 'function') return filter as (...args: unknown[]) => unknown;
      throw new Error(`there is no filter "${name}"`);
    };
    const texts = new Map<string, nunjucks.Template>();
    return {
      render: (name, context) => rendered(name, environment.render(name, context)),
      renderText: (source, context) => {
        const template = texts.get(source.id) ?? this.#template(this.#compile(source), source.id, environment);
        texts.set(source.id, template);
        return rendered(source.id, template.render(context));
      },
    };
  }

  #loader({ find, cache }: ViewSetup): nunjucks.ILoader {
    const loader = {
      isRelative: (name: string) => name.startsWith('./') || name.startsWith('../'),
      resolve: (from: string, name: string) => relativeTo(from, name),
      getSource: (name: string) => {
        const source = find(name);
        return source ? { src: this.#compile(source), path: source.id, noCache: !cache } : null;
      },
    };
    return loader as unknown as nunjucks.ILoader; // its types know `src` as text only, and no null
  }

  /** Without tags nothing in it depends on where it stands, so that one that many plugins bring is compiled once. */
  #compile({ id, text }: TemplateSource): Compiled {
    if (!/\{[{%#]/.test(text)) return { type: 'code', obj: { root: printing(text) } };
    return this.#compiled.get(text.includes('{%') ? `${id}\0${text}` : text, () => {
      const template = this.#template(text, id, this.#compiler) as unknown as TemplateInternals;
      const blocks = Object.entries(template.blocks).map(([name, block]) => [`b_${name}`, block] as const);
      return { type: 'code', obj: { root: template.rootRenderFunc, ...Object.fromEntries(blocks) } };
    });
  }

  #template(source: string | Compiled, id: string, environment: nunjucks.Environment): nunjucks.Template {
    return new this.library.Template(source as string, environment, id, true); // its types know text only
  }
}

/** What text without anything to do in it is compiled to, without the cost of doing so. */
function printing(text: string): unknown {
  return (
    _environment: unknown,
    _context: unknown,
    _frame: unknown,
    _runtime: unknown,
    done: (error: null, html: string) => void,
  ) => done(null, text);
}

function internalsOf(environment: nunjucks.Environment): EnvironmentInternals {
  return environment as unknown as EnvironmentInternals; // public in the code, and missing in the types
}

/** Named arguments come as an object that bears a mark. */
function withoutMark(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('__keywords' in value)) return value;
  const { __keywords: _mark, ...named } = value;
  return named;
}

function rendered(name: string, html: string | null): string {
  if (html !== null) return html;
  throw new Error(`the template "${name}" waits for something; templates must render at once`);
}
