import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MarkerFiles } from '#lib/state/marker-files.js';
import { PluginKitModule, PluginRegistry } from 'nestjs-pluginkit';

// Switches a plugin, and dies as soon as its marker is written.
const [directory = '', verb = ''] = process.argv.slice(2);
const write: unknown = Reflect.get(MarkerFiles.prototype, 'write');

@Module({ imports: [PluginKitModule.forRoot({ directories: [directory], watch: false })] })
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: false });
await app.listen(0, '127.0.0.1');
MarkerFiles.prototype.write = async function (...args) {
  await Reflect.apply(write as (...given: unknown[]) => Promise<void>, this, args);
  process.kill(process.pid, 'SIGKILL');
};
const registry = app.get(PluginRegistry);
await (verb === 'enable' ? registry.enable('shop') : registry.disable('shop'));
