import { Injectable } from '@nestjs/common';
import { type Plugin, PluginRegistry } from 'nestjs-pluginkit';

/** What the board tells people about a plugin. */
export interface ListedPlugin {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly state: 'enabled' | 'disabled' | 'failed';
  readonly code?: string;
  readonly hint?: string;
}

@Injectable()
export class PluginList {
  constructor(private readonly registry: PluginRegistry) {}

  all(): ListedPlugin[] {
    return this.registry.all().map(listed);
  }
}

function listed(plugin: Plugin): ListedPlugin {
  return {
    name: plugin.name,
    version: plugin.version ?? '',
    description: plugin.metadata.description ?? '',
    state: plugin.state,
    ...(plugin.state === 'failed' && { code: plugin.error.code, hint: plugin.error.hint }),
  };
}
