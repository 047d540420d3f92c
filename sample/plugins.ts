import { join } from 'node:path';
import type { ConfigType } from '@nestjs/config';
import { basicAuth, PluginKitModule } from 'nestjs-pluginkit';
import { BoardModule } from './board/board.module.js';
import { when } from './board/when.js';
import { settings } from './settings.js';

/** The one place where the application meets the plugin kit: where plugins are, and what they may use. */
export const plugins = PluginKitModule.forRootAsync({
  inject: [settings.KEY],
  useFactory: (board: ConfigType<typeof settings>) => ({
    directories: [join(import.meta.dirname, 'plugins')],
    packages: ['notice-board-qr'],
    share: [BoardModule],
    hostVersion: board.version,
    timeout: 5000,
    admin: {
      guards: [basicAuth({ users: { admin: board.adminPassword } })],
      audit: { file: board.auditFile },
    },
    views: { folders: [join(import.meta.dirname, 'board', 'pages', 'views')], filters: { when } },
    baseUrl: board.publicUrl,
    config: { motto: 'Notice board. Everybody may pin, nobody may nag.' },
  }),
});
