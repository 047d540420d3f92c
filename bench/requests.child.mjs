// A server with the same controllers, as plugins or as modules that are imported by hand.
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import 'reflect-metadata';

const { way, platform, plugins } = JSON.parse(process.argv[2]);
const controllers = Array.from({ length: plugins }, (_, n) => controllerOf(n));

class AppModule {}
Module({ imports: way === 'kit' ? [await kit()] : controllers.map(moduleOf) })(AppModule);
const adapter =
  platform === 'fastify'
    ? new (await import('@nestjs/platform-fastify')).FastifyAdapter()
    : new (await import('@nestjs/platform-express')).ExpressAdapter();
const app = await NestFactory.create(AppModule, adapter, { logger: false });
await app.listen(0, '127.0.0.1');
console.log(`listening on ${await app.getUrl()}`);
process.once('SIGTERM', () => process.exit(0));

function controllerOf(n) {
  class PluginController {
    index() {
      return { plugin: n };
    }
  }
  Controller(`p${n}`)(PluginController);
  Get()(PluginController.prototype, 'index', Object.getOwnPropertyDescriptor(PluginController.prototype, 'index'));
  return PluginController;
}

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
