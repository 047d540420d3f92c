import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { PluginKitModule, PluginRegistry } from 'nestjs-pluginkit';

// An application as anybody would write it: no abortOnError, no handlers for errors. It tells in one line of JSON what came of it.
const [directory = ''] = process.argv.slice(2);
const { PLATFORM, ON_FAILURE } = process.env;

@Controller()
class AppController {
  @Get()
  index(): string {
    return 'here';
  }
}

@Module({
  imports: [
    PluginKitModule.forRoot({
      directories: [directory],
      timeout: 300,
      ...(ON_FAILURE === 'throw' && { onFailure: 'throw' }),
    }),
  ],
  controllers: [AppController],
})
class AppModule {}

if (PLATFORM === 'none') {
  const context = await NestFactory.createApplicationContext(AppModule, { logger: false });
  tell({ plugins: failed(context.get(PluginRegistry)) });
} else {
  const app =
    PLATFORM === 'fastify'
      ? await NestFactory.create(AppModule, new FastifyAdapter(), { logger: false })
      : await NestFactory.create(AppModule, { logger: false });
  await app.listen(0, '127.0.0.1');
  const { status } = await fetch(await app.getUrl());
  tell({ status, plugins: failed(app.get(PluginRegistry)) });
  await app.close();
}

function failed(registry: PluginRegistry): Record<string, string> {
  return Object.fromEntries(
    registry.all().flatMap((plugin) => (plugin.state === 'failed' ? [[plugin.name, plugin.error.code]] : [])),
  );
}

function tell(result: object): void {
  process.stdout.write(JSON.stringify(result));
}
