import { Controller, Get, Module, type INestApplicationContext, type NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { PluginKitModule, PluginRegistry, type PluginKitOptions } from 'nestjs-pluginkit';

// An application as anybody would write it, in a process of its own. It tells in lines of JSON what came of the start, and then
// answers what its parent asks over the channel: `errors`, `enable`, `disable`, `close`; or it does what SCENARIO says.
const [directory = ''] = process.argv.slice(2);
const { PLATFORM, OPTIONS = '{}', SCENARIO } = process.env;

@Controller()
class AppController {
  @Get()
  index(): string {
    return 'here';
  }
}

@Module({
  imports: [
    PluginKitModule.forRoot({ directories: [directory], timeout: 5000, ...(JSON.parse(OPTIONS) as PluginKitOptions) }),
  ],
  controllers: [AppController],
})
class AppModule {
  async onApplicationBootstrap(): Promise<void> {
    if (SCENARIO === 'host-exits') process.exit(4);
    if (SCENARIO === 'host-aborts') process.abort();
    if (SCENARIO === 'host-throws') await Promise.reject(new Error('of the application'));
  }
}

if (SCENARIO === 'own-handlers') {
  process.on('uncaughtException', (error) => tell({ handled: error.message }));
  process.on('unhandledRejection', (reason) => tell({ rejected: String(reason) }));
}

const { app, up } = await start();
const registry = app.get(PluginRegistry);
tell({
  up,
  plugins: states(),
  notices: registry.report().notices.map(({ level, text }) => `${level} ${text}`),
});

if (SCENARIO === 'throws-later') setTimeout(() => thrower(), 20);
if (SCENARIO === 'rejects-later') setTimeout(() => void Promise.reject(new Error('of the application')), 20);

process.on('message', (message: { verb: 'errors' | 'enable' | 'disable' | 'states' | 'close'; name: string }) => {
  const { verb, name } = message;
  if (verb === 'close') void app.close().then(() => process.disconnect());
  else if (verb === 'states') tell({ plugins: states() });
  else if (verb === 'errors') tell({ errors: registry.errors(name) });
  else
    registry[verb](name).then(tell, (error: unknown) =>
      tell({ code: Reflect.get(Object(error) as object, 'code') as unknown }),
    );
});

async function start(): Promise<{ app: INestApplicationContext; up?: number }> {
  const options: NestApplicationOptions = { logger: ['error', 'warn'] };
  if (PLATFORM === 'none') return { app: await NestFactory.createApplicationContext(AppModule, options) };
  const served =
    PLATFORM === 'fastify'
      ? await NestFactory.create(AppModule, new (await import('@nestjs/platform-fastify')).FastifyAdapter(), options)
      : await NestFactory.create(AppModule, options);
  await served.listen(0, '127.0.0.1');
  return { app: served, up: (await fetch(await served.getUrl())).status };
}

function thrower(): never {
  throw new Error('of the application');
}

function states(): Record<string, string> {
  return Object.fromEntries(
    registry.all().map((plugin) => [plugin.name, plugin.state === 'failed' ? plugin.error.code : plugin.state]),
  );
}

function tell(result: object): void {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
