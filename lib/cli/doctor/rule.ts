import type { InspectedPlugin } from '../inspection/inspection.js';

/** One thing that is wrong with a plugin, or soon will be. */
export interface Problem {
  /** That of a PluginError, or the one of the rule that found it. */
  readonly code: string;
  /** An `error` keeps the plugin from working; a `warning` will, elsewhere or later; a `note` is what cannot be seen from here. */
  readonly severity: 'error' | 'warning' | 'note';
  readonly plugin: string;
  readonly message: string;
  /** An absolute path. */
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  /** What to do about it. */
  readonly hint: string;
}

/** A problem without what every rule would write: whose it is. */
export type Finding = Omit<Problem, 'plugin' | 'severity'> & { readonly severity?: Problem['severity'] };

/** One thing that the doctor looks for beyond what loading finds; findings are errors unless they say otherwise. */
export interface Rule {
  /** The codes that it gives, with what each means. */
  readonly codes: Readonly<Record<string, string>>;
  /** @param all every plugin that is not switched off, in load order */
  look(plugin: InspectedPlugin, all: readonly InspectedPlugin[]): readonly Finding[];
}
