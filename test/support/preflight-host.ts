import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { PluginKitModule } from 'nestjs-pluginkit';

// An application whose start is tried out.
const { PLUGINS = '', PLATFORM, PORT = '0', BROKEN } = process.env;
if (BROKEN) throw new Error('the settings are wrong');

@Module({ imports: [PluginKitModule.forRoot({ directories: [PLUGINS] })] })
class AppModule {}

const app =
  PLATFORM === 'fastify'
    ? await NestFactory.create(AppModule, new (await import('@nestjs/platform-fastify')).FastifyAdapter())
    : await NestFactory.create(AppModule);
await app.listen(Number(PORT), '127.0.0.1');
