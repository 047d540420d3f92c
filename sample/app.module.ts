import { join } from 'node:path';
import { Module, ValidationPipe } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { APP_PIPE } from '@nestjs/core';
import { ServeStaticModule } from '@nestjs/serve-static';
import { BoardModule } from './board/board.module.js';
import { plugins } from './plugins.js';
import { settings } from './settings.js';

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true, load: [settings] }),
    // A root of its own: below a root that it shares with routes, the module would answer for unknown paths too.
    ServeStaticModule.forRoot({ rootPath: join(import.meta.dirname, 'board', 'public'), serveRoot: '/board' }),
    BoardModule,
    plugins,
  ],
  // An application-wide pipe holds for the routes of plugins as well: they live in the same container.
  providers: [{ provide: APP_PIPE, useValue: new ValidationPipe({ transform: true, whitelist: true }) }],
})
export class AppModule {}
