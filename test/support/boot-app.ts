import {
  Controller,
  Get,
  Module,
  Param,
  type INestApplication,
  type LoggerService,
  type NestApplicationOptions,
  type Type,
} from '@nestjs/common';
import { NestFactory, type AbstractHttpAdapter } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { PluginKitModule, PluginRegistry, type PluginKitOptions } from 'nestjs-pluginkit';
import { onTestFinished } from 'vitest';

export const PLATFORMS = ['express', 'fastify'] as const;
type Platform = (typeof PLATFORMS)[number];

/** The application that tests plug into: two routes of its own. */
@Controller('host')
export class HostController {
  @Get()
  list(): string {
    return 'host';
  }

  @Get(':id')
  one(@Param('id') id: string): string {
    return `host ${id}`;
  }
}

/** What a test wants different from `NestFactory.create(AppModule)` with default options. */
export interface AppSpec {
  readonly platform?: Platform;
  readonly imports?: NonNullable<Parameters<typeof Module>[0]['imports']>;
  readonly controllers?: Type[];
  readonly providers?: NonNullable<Parameters<typeof Module>[0]['providers']>;
  readonly nest?: NestApplicationOptions;
  /** Instead of the platform's own. */
  readonly adapter?: AbstractHttpAdapter;
  /** Is called between `create()` and `listen()`. */
  readonly prepare?: (app: INestApplication) => void;
}

/** A running application and what a test asks it. */
export interface RunningApp {
  readonly app: INestApplication;
  readonly registry: PluginRegistry;
  readonly url: string;
  /** Lines that were logged by the kit, without colours. */
  readonly log: readonly string[];
  /** Answers with status and body. */
  get(path: string, init?: RequestInit): Promise<{ status: number; body: string; headers: Headers }>;
}

/** Starts an application with plugins on a free port; it is closed when the test ends. */
export async function bootApp(options: PluginKitOptions, spec: AppSpec = {}): Promise<RunningApp> {
  @Module({
    imports: [PluginKitModule.forRoot(options), ...(spec.imports ?? [])],
    controllers: spec.controllers ?? [HostController],
    providers: spec.providers ?? [],
  })
  class AppModule {}

  const log: string[] = [];
  const nest: NestApplicationOptions = { logger: keeping(log), ...spec.nest };
  const adapter = spec.adapter ?? (spec.platform === 'fastify' ? new FastifyAdapter() : undefined);
  const app = await (adapter ? NestFactory.create(AppModule, adapter, nest) : NestFactory.create(AppModule, nest));
  onTestFinished(() => app.close());
  spec.prepare?.(app);
  await app.listen(0, '127.0.0.1');
  const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  return {
    app,
    registry: app.get(PluginRegistry),
    url,
    log,
    get: async (path, init) => {
      const response = await fetch(url + path, init);
      return { status: response.status, body: await response.text(), headers: response.headers };
    },
  };
}

/** The errors of failed plugins by name. */
export function failures(registry: PluginRegistry): Record<string, string> {
  return Object.fromEntries(
    registry.all().flatMap((plugin) => (plugin.state === 'failed' ? [[plugin.name, plugin.error.code]] : [])),
  );
}

function keeping(log: string[]): LoggerService {
  const keep =
    (level: string) =>
    (message: unknown, ...rest: unknown[]): void => {
      if (rest.at(-1) === 'PluginKit') log.push(`${level} ${String(message)}`);
    };
  return { log: keep('log'), error: keep('error'), warn: keep('warn'), debug: keep('debug') };
}
