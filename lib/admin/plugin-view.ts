import path from 'node:path';

import { isWebUrl } from '../plugin/metadata-rules.js';
import type { FailedPlugin, Plugin } from '../plugin/plugin.js';
import { PluginError } from '../plugin/plugin-error.js';
import { printable } from '../plugin/printable.js';
import type { StateChangePreview } from '../registry/state-change.js';
import type { AdminPlugin, PluginFailure, PluginRelation, SwitchPreview } from './api.js';
import { pathsRemover } from './without-paths.js';

/** Who the plugins are, and what switching one would do. */
interface Plugins {
  all(): readonly Plugin[];
  preview(verb: 'enable' | 'disable', name: string): StateChangePreview;
}

/** Tells plugins as the admin's clients see them: nothing but text, numbers and lists, and no path of the machine. */
export class PluginView {
  readonly #byName: ReadonlyMap<string, Plugin>;
  readonly #dependents = new Map<string, Plugin[]>();
  /** Leaves no absolute path in a text. */
  readonly withoutPaths: (text: string) => string;

  constructor(private readonly plugins: Plugins) {
    const all = plugins.all();
    this.#byName = new Map(all.map((plugin) => [plugin.name.toLowerCase(), plugin]));
    for (const plugin of all)
      for (const name of Object.keys(plugin.metadata.dependsOn ?? {})) {
        const key = name.toLowerCase();
        this.#dependents.set(key, [...(this.#dependents.get(key) ?? []), plugin]);
      }
    this.withoutPaths = pathsRemover(
      Object.fromEntries(all.flatMap(({ folder }) => (folder === undefined ? [] : [[folder, path.basename(folder)]]))),
    );
  }

  all(): AdminPlugin[] {
    return this.plugins.all().map((plugin) => this.of(plugin));
  }

  of(plugin: Plugin): AdminPlugin {
    const { name, version, state, metadata, milliseconds } = plugin;
    const { author, description, url, license } = metadata;
    const text = (key: string, value: unknown): object =>
      typeof value === 'string' && value !== '' ? { [key]: printable(value) } : {};
    return {
      name,
      title: titleOf(plugin),
      ...text('version', version),
      ...text('author', author),
      ...text('description', description),
      ...(isWebUrl(url) && text('url', url)),
      ...text('license', license),
      state,
      ...this.#switchOf(plugin),
      ...(plugin.state === 'failed' && { failure: this.failureOf(plugin) }),
      origin: { kind: plugin.origin, ...this.#placeOf(plugin) },
      contributions: plugin.state === 'enabled' ? { ...plugin.contributions } : {},
      dependencies: this.#dependenciesOf(plugin),
      dependents: this.#dependentsOf(plugin),
      milliseconds: {
        ...milliseconds,
        total: Object.values(milliseconds as Record<string, number>).reduce((sum, each) => sum + each, 0),
      },
    };
  }

  failureOf({ error, folder }: FailedPlugin): PluginFailure {
    const { code, message, hint, field, file } = error;
    const below = file !== undefined && folder !== undefined ? path.relative(folder, file) : undefined;
    return {
      code,
      message: this.withoutPaths(message),
      hint: this.withoutPaths(hint),
      ...(field !== undefined && { field: printable(field) }),
      ...(below !== undefined && below !== '' && !below.startsWith('..') && { file: below.split(path.sep).join('/') }),
    };
  }

  /** The state that is wanted from now on may have been written already, and wait for the next start. */
  #switchOf(plugin: Plugin): Pick<AdminPlugin, 'switch' | 'pending'> {
    const [verb, back] =
      plugin.state === 'disabled' ? (['enable', 'disable'] as const) : (['disable', 'enable'] as const);
    try {
      const preview = this.plugins.preview(verb, plugin.name);
      if (preview.applied !== 'unchanged') return { switch: told(preview) };
      return { pending: preview.state, switch: told(this.plugins.preview(back, plugin.name)) };
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      const reason = this.withoutPaths(error.message);
      return { switch: { to: verb === 'enable' ? 'enabled' : 'disabled', applied: 'unchanged', affected: [], reason } };
    }
  }

  #placeOf({ origin, folder }: Plugin): { name?: string } {
    if (folder === undefined) return {};
    const parts = folder.split(path.sep);
    const isScoped = origin === 'package' && parts.at(-2)?.startsWith('@');
    return { name: printable(parts.slice(isScoped ? -2 : -1).join('/')) };
  }

  #dependenciesOf({ metadata }: Plugin): PluginRelation[] {
    return Object.entries(metadata.dependsOn ?? {}).map(([name, range]) => {
      const found = this.#byName.get(name.toLowerCase());
      return found ? relation(found, range) : { name: printable(name), range, state: 'missing' };
    });
  }

  #dependentsOf({ name }: Plugin): PluginRelation[] {
    const key = name.toLowerCase();
    return (this.#dependents.get(key) ?? []).map((dependent) => {
      const range = Object.entries(dependent.metadata.dependsOn ?? {}).find(
        ([each]) => each.toLowerCase() === key,
      )?.[1];
      return relation(dependent, range ?? '*');
    });
  }
}

function titleOf({ name, version, metadata: { description } }: Plugin): string {
  const title = version === undefined ? name : `${name} ${version}`;
  return printable(description === undefined ? title : `${title}: ${description}`);
}

function relation({ name, state, version }: Plugin, range: string): PluginRelation {
  return { name, range: printable(range), state, ...(version !== undefined && { version }) };
}

function told({ state, applied, affected, reason, refusedWithoutCascade }: StateChangePreview): SwitchPreview {
  return {
    to: state,
    applied,
    affected: [...affected],
    ...(reason !== undefined && { reason: printable(reason) }),
    ...(refusedWithoutCascade !== undefined && { refusedWithoutCascade }),
  };
}
