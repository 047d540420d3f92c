import { printable } from './printable.js';

/** What can go wrong with one plugin, and the sentence that tells it: `%s` is the detail. */
const SENTENCES = {
  METADATA_INVALID: 'its metadata is not valid (%s).',
  NAME_TAKEN: 'its name is taken (%s).',
  INCOMPATIBLE: 'it does not fit this application (%s).',
  DEPENDENCY_MISSING: 'a plugin it depends on is missing (%s).',
  DEPENDENCY_DISABLED: 'a plugin it depends on is disabled (%s).',
  DEPENDENCY_FAILED: 'a plugin it depends on has failed (%s).',
  DEPENDENCY_VERSION: 'a plugin it depends on has another version (%s).',
  DEPENDENCY_CYCLE: 'plugins depend on each other in a circle (%s).',
  IMPORT_FAILED: 'its entry could not be imported (%s).',
  IMPORT_TIMEOUT: 'its entry was not imported in time (%s).',
  FOREIGN_NEST: 'it brings its own copy of NestJS (%s).',
  REGISTER_FAILED: 'its register() failed (%s).',
  REGISTER_TIMEOUT: 'its register() did not finish in time (%s).',
  REGISTER_INVALID: 'its register() did not return an object (%s).',
  EXTENSION_UNKNOWN: 'its register() returned a key that nothing takes (%s).',
  EXTENSION_INVALID: 'its register() returned a value of the wrong shape (%s).',
  MODULE_FAILED: 'its module did not start (%s).',
  MODULE_TIMEOUT: 'its module did not start in time (%s).',
  ROUTE_CONFLICT: 'one of its routes is taken (%s).',
  PATH_ESCAPE: 'a path leads out of its folder (%s).',
  TEMPLATE_NOT_FOUND: 'a template file is missing (%s).',
  QUARANTINED: 'it was left out, since the process had died in it (%s).',
  NOT_FOUND: 'there is no such plugin (%s).',
  HAS_DEPENDENTS: 'plugins that are switched on depend on it (%s).',
  STATE_WRITE_FAILED: 'its state could not be written (%s).',
  RELOAD_REFUSED: 'the application cannot be reloaded (%s).',
  RELOAD_ABORTED: 'the reload was aborted, and the application goes on as it was (%s).',
} as const;

/** The stable code of a {@link PluginError}: for programs what its message is for people. */
export type PluginErrorCode = keyof typeof SENTENCES;

/** Every code there is, for tables and documentation. */
export const PLUGIN_ERROR_CODES = Object.keys(SENTENCES) as readonly PluginErrorCode[];

/** What a {@link PluginError} is made from. */
export interface PluginErrorDetails {
  /** The plugin's name; its folder's name where it has none yet; `*` where it is about no single one. */
  readonly plugin: string;
  /** What exactly is wrong, in words that fit into brackets. */
  readonly detail: string;
  /** What to do about it: one sentence. */
  readonly hint: string;
  /** The file or folder to look at, as an absolute path. */
  readonly file?: string | undefined;
  /** The field of the metadata or the key of `register()`'s result that is wrong; several are parted by a comma. */
  readonly field?: string | undefined;
  /** What was thrown underneath. */
  readonly cause?: unknown;
}

/** What one plugin did wrong, or what could not be done with it: names the plugin, the place and the cure. */
export class PluginError extends Error {
  override readonly name = 'PluginError';
  /** The plugin's name; its folder's name where it has none; `*` where it is about no single one. */
  readonly plugin: string;
  /** The file or folder to look at, as an absolute path. */
  readonly file?: string;
  /** The field of the metadata or the key of `register()`'s result that is wrong. */
  readonly field?: string;
  /** What to do about it. */
  readonly hint: string;

  constructor(
    /** The stable code: for programs what the message is for people. */
    readonly code: PluginErrorCode,
    { plugin, detail, hint, file, field, cause }: PluginErrorDetails,
  ) {
    const sentence = SENTENCES[code].replace('%s', () => printable(detail));
    super(subject(plugin, sentence), cause === undefined ? undefined : { cause });
    this.plugin = printable(plugin);
    this.hint = printable(hint);
    if (file !== undefined) this.file = file;
    if (field !== undefined) this.field = field;
  }
}

function subject(plugin: string, sentence: string): string {
  if (plugin !== '*') return `Plugin "${printable(plugin)}": ${sentence}`;
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`;
}
