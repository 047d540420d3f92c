// A server with the same controllers, as plugins or as modules that are imported by hand.
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import 'reflect-metadata';

import { newAdapter } from './support/new-adapter.mjs';
import { newController } from './support/new-controller.mjs';

const { way, platform, plugins } = JSON.parse(process.argv[2]);
const controllers = Array.from({ length: plugins }, (_, n) => newController(n));

class AppModule {}
Module({ imports: way === 'kit' ? [await kit()] : controllers.map(moduleOf) })(AppModule);
const app = await NestFactory.create(AppModule, await newAdapter(platform), { logger: false });
await app.listen(0, '127.0.0.1');
// Connections wait while other servers have their turn.
app.getHttpServer().keepAliveTimeout = 600_000;
console.log(`listening on ${await app.getUrl()}`);
process.on('message', () => process.send(process.cpuUsage()));
process.once('SIGTERM', () => process.exit(0));

function moduleOf(controller) {
  class PluginModule {}
  Module({ controllers: [controller] })(PluginModule);
  return PluginModule;
}

async function kit() {
  const { PluginKitModule } = await import('nestjs-pluginkit');
  return PluginKitModule.forRoot({
    directories: [],
    plugins: controllers.map((controller, n) => ({
      name: `p${n}`,
      author: 'Ada',
      version: '1.0.0',
      register: () => ({ controllers: [controller] }),
    })),
  });
}
