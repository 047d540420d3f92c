import type { ViewFilter } from '../extensions/view-filters.extension.js';

/** A template, as an engine is given it. */
export interface TemplateSource {
  /** Tells it apart from all others; relative names begin at it. */
  readonly id: string;
  readonly text: string;
}

/** What an engine works with: the plugins of one snapshot. */
export interface ViewSetup {
  /**
   * Finds a template: in the application's folders, then in those of plugins.
   * @param from the id of the template that names it, for names that begin with `./` or `../`
   */
  readonly find: (name: string, from?: string) => TemplateSource | undefined;
  /** Functions that every template can call: `emit_tep` and its kin. */
  readonly functions: Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
  /** A filter by its name; one of a plugin that is off passes its value through. */
  readonly filter: (name: string) => ViewFilter | undefined;
  /** Whether a template may be kept once it was found. */
  readonly cache: boolean;
}

/** Renders the templates of one snapshot. */
export interface ViewEnvironment {
  /** @throws Error where there is no such template, or where it throws */
  render(name: string, context: Readonly<Record<string, unknown>>): string;
  /** Renders a text that is a template itself. */
  renderText(source: TemplateSource, context: Readonly<Record<string, unknown>>): string;
}

/** A template engine. It must escape HTML in what templates print, and render at once, without waiting. */
export interface ViewEngine {
  /** What it is called in messages. */
  readonly name: string;
  /** How its template files end, with the dot; they are tried in this order for a name without an ending. */
  readonly extensions: readonly string[];
  /** Names of filters of its own, which plugins cannot replace. */
  readonly filterNames?: readonly string[];
  /** Marks text as HTML that is printed as it is. */
  markSafe(html: string): unknown;
  /** Is called on the first render after plugins have changed. */
  createEnvironment(setup: ViewSetup): ViewEnvironment;
}
