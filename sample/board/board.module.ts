import { Module } from '@nestjs/common';
import { PluginEvents } from 'nestjs-pluginkit';
import { settings } from '../settings.js';
import { DataFiles } from './data-files.js';
import { Links } from './links.js';
import { PageErrors } from './pages/page-errors.filter.js';
import { Pages } from './pages/pages.js';
import { PagesController } from './pages/pages.controller.js';
import { PluginList } from './plugin-list.js';
import { PluginsController } from './plugins.controller.js';
import { PostDetails } from './post-details.js';
import { PostFormats } from './post-formats.js';
import { Posts } from './posts.js';
import { PostsController } from './posts.controller.js';

// A plugin that is installed as a package cannot import the classes of this application: it asks for them by name.
const forPackages = [
  { provide: 'notice-board:posts', useExisting: Posts },
  { provide: 'notice-board:links', useExisting: Links },
];

/** The board itself. Plugins may inject whatever it exports, because the application shares it with them. */
@Module({
  controllers: [PagesController, PostsController, PluginsController],
  providers: [
    { provide: Posts, inject: [DataFiles, PluginEvents, settings.KEY], useFactory: Posts.open },
    DataFiles,
    Links,
    PageErrors,
    Pages,
    PluginList,
    PostDetails,
    PostFormats,
    ...forPackages,
  ],
  exports: [DataFiles, Links, Pages, PostDetails, PostFormats, Posts, ...forPackages.map(({ provide }) => provide)],
})
export class BoardModule {}
