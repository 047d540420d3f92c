import { placeOf, type PluginSource } from '../discovery/plugin-source.js';
import type { PluginMilliseconds } from '../plugin/plugin.js';
import { PluginError, type PluginErrorCode, type PluginErrorDetails } from '../plugin/plugin-error.js';
import type { PluginMetadata } from '../plugin/plugin-metadata.js';
import { describeThrown } from '../plugin/printable.js';
import type { WantedState } from '../state/state-store.js';
import { PluginWatch } from './plugin-watch.js';

/**
 * A plugin on its way from its source into the application. Each step adds what it learns;
 * one that finds a fault sets `error`, and the later ones pass the plugin by.
 */
export interface Candidate {
  readonly source: PluginSource;
  /** Who keeps an eye on what its code does. */
  readonly watch: PluginWatch;
  /** From package.json or the folder until the metadata was read. */
  name: string;
  metadata: Readonly<Partial<PluginMetadata>>;
  milliseconds: { -readonly [Step in keyof PluginMilliseconds]: PluginMilliseconds[Step] };
  /** What its marker file tells, where it has one. */
  marker?: WantedState;
  /** Switched off, by its marker file or its metadata. */
  isOff: boolean;
  /** Why it is off, where that was not decided for it alone. */
  whyOff?: string;
  error?: PluginError;
  /** Its `register()`, bound to what it belongs to. */
  register?: () => unknown;
  /** What `register()` returned: an object, nothing more is known of it. */
  returned?: object;
}

/** A new one, of which nothing but its source is known. */
export function candidateFrom(source: PluginSource, watch = new PluginWatch()): Candidate {
  const candidate: Candidate = { source, watch, name: source.name, metadata: {}, milliseconds: {}, isOff: false };
  watch.add(candidate);
  if (source.origin !== 'inline' && source.problem) candidate.error = source.problem;
  return candidate;
}

/** Whether the next step has to do with it. */
export function isGoing(candidate: Candidate): boolean {
  return !candidate.isOff && candidate.error === undefined;
}

/** The error of a candidate, with its name and its file filled in. */
export function errorOf(
  candidate: Candidate,
  code: PluginErrorCode,
  details: Omit<PluginErrorDetails, 'plugin'>,
): PluginError {
  return new PluginError(code, { plugin: candidate.name, file: placeOf(candidate.source), ...details });
}

/**
 * Runs a step for one candidate: keeps its error where it throws one, and how long it took.
 * @param doing what of the plugin runs in it, for the journal; `undefined` where none of its code does
 */
export async function step(
  candidate: Candidate,
  name: keyof PluginMilliseconds,
  doing: string | undefined,
  work: () => Promise<void>,
): Promise<void> {
  const begun = performance.now();
  try {
    await (doing === undefined ? work() : candidate.watch.run([candidate], doing, work));
  } catch (error) {
    candidate.error = error instanceof PluginError ? error : unforeseen(candidate, name, error);
  } finally {
    candidate.milliseconds[name] = (candidate.milliseconds[name] ?? 0) + performance.now() - begun;
  }
}

/** What no check foresaw must not end the boot either. */
function unforeseen(candidate: Candidate, name: keyof PluginMilliseconds, cause: unknown): PluginError {
  const codes = { import: 'IMPORT_FAILED', register: 'REGISTER_FAILED', start: 'MODULE_FAILED' } as const;
  return errorOf(candidate, codes[name], {
    detail: describeThrown(cause),
    hint: 'See the cause; if it lies in nestjs-pluginkit itself, please report it.',
    cause,
  });
}
