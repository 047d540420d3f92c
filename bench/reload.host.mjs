// An application as anybody would write it, with plugins: node bench/reload.host.mjs <platform> <plugin directory> <port>
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { PluginKitModule } from 'nestjs-pluginkit';
import 'reflect-metadata';

const [platform, directory, port] = process.argv.slice(2);

class AppModule {}
Module({ imports: [PluginKitModule.forRoot({ directories: [directory] })] })(AppModule);

const { FastifyAdapter } = await import('@nestjs/platform-fastify');
const options = { logger: ['error'] };
const app =
  platform === 'fastify'
    ? await NestFactory.create(AppModule, new FastifyAdapter(), options)
    : await NestFactory.create(AppModule, options);
app.enableShutdownHooks();
await app.listen(Number(port), '127.0.0.1');
console.log('listening');
