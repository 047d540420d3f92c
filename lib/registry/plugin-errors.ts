import type { Logger } from '@nestjs/common';

import { describeThrown, printable } from '../plugin/printable.js';
import type { PluginRegistry } from './plugin.registry.js';

/** How many errors of one plugin are too many, in how many ms. */
interface ErrorLimit {
  readonly errors: number;
  readonly per: number;
}

/** What an application wants to be done. */
export interface ErrorPolicy {
  readonly onPluginError: 'log' | 'disable';
  readonly pluginErrorLimit: ErrorLimit;
}

/** Logs and counts what plugins throw while nobody waits for it; one that throws too much is quiet in the log, or switched off. */
export class PluginErrors {
  readonly #spans = new Map<string, { readonly begun: number; count: number }>();

  #tellStarted: () => void = () => undefined;
  readonly #started = new Promise<void>((resolve) => {
    this.#tellStarted = resolve;
  });

  constructor(
    private readonly registry: PluginRegistry,
    private readonly logger: Logger,
    private readonly policy: ErrorPolicy,
  ) {}

  /** From now on plugins can be switched off; those that had thrown too much before are, too. */
  start(): void {
    this.#tellStarted();
  }

  take(plugin: string, thrown: unknown): void {
    const { errors, per } = this.policy.pluginErrorLimit;
    this.registry.countError(plugin, describeThrown(thrown));
    const count = this.#countInSpan(plugin, per);
    if (count <= errors) this.logger.error(`${plugin} threw an error that nobody caught: ${describe(thrown)}`);
    if (count !== errors) return;
    if (this.policy.onPluginError === 'disable') void this.#started.then(() => this.#disable(plugin));
    else this.logger.warn(`${plugin} has thrown ${errors} errors: for ${per} ms, more are counted and not logged.`);
  }

  #countInSpan(plugin: string, per: number): number {
    const known = this.#spans.get(plugin);
    const span = known && performance.now() - known.begun < per ? known : { begun: performance.now(), count: 0 };
    span.count += 1;
    this.#spans.set(plugin, span);
    return span.count;
  }

  async #disable(plugin: string): Promise<void> {
    const { errors, per } = this.policy.pluginErrorLimit;
    try {
      const { applied, affected, reason } = await this.registry.disable(plugin, { cascade: true });
      const along = affected.length > 0 ? `, and with it ${affected.join(', ')}` : '';
      const when = applied === 'on-reload' ? ` from the next start on (${reason ?? ''})` : '';
      this.logger.warn(`${plugin} has thrown ${errors} errors in ${per} ms: it is disabled${when}${along}.`);
    } catch (error) {
      this.logger.error(
        `${plugin} has thrown ${errors} errors in ${per} ms, and could not be disabled: ${describeThrown(error)}`,
      );
    }
  }
}

/** With the place where it was thrown. */
function describe(thrown: unknown): string {
  const told = describeThrown(thrown);
  try {
    const place = thrown instanceof Error ? /^\s+(at .*)$/m.exec(String(thrown.stack))?.[1] : undefined;
    return place === undefined ? told : `${told} ${printable(place)}`;
  } catch {
    return told;
  }
}
