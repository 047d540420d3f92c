import { Controller, Get } from '@nestjs/common';
import { type ListedPlugin, PluginList } from './plugin-list.js';

@Controller('api/plugins')
export class PluginsController {
  constructor(private readonly plugins: PluginList) {}

  @Get()
  all(): ListedPlugin[] {
    return this.plugins.all();
  }
}
