import { type Contributions, PluginMetadata } from 'nestjs-pluginkit';
import { SitemapController } from './sitemap.controller.js';

/** A plugin as a class: its fields are the metadata, those that it leaves out come from its package.json. */
export default class Sitemap extends PluginMetadata {
  override name = 'sitemap';

  register(): Contributions {
    return { controllers: [SitemapController] };
  }
}
