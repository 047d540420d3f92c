import { type Contributions, PluginMetadata } from 'nestjs-pluginkit';
import { StatsController } from './stats.controller.js';

/** Its package.json says that it depends on the comments: they are enabled first, and what they export can be injected. */
export default class Stats extends PluginMetadata {
  override name = 'stats';

  register(): Contributions {
    return {
      controllers: [StatsController],
      extensions: { 'menu.items': { label: 'Numbers', href: '/stats' } },
    };
  }
}
