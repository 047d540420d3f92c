import { readFileSync } from 'node:fs';

import { Controller, Get, Module, Post, Query, Sse, type MessageEvent } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { PluginError, PluginKitModule, ReloadService, type ReloadStatus, type ReloadTicket } from 'nestjs-pluginkit';
import { interval, map, type Observable } from 'rxjs';

// An application that knows nothing of a supervisor, but for the routes that a test asks about it.
const { PLATFORM, PLUGINS = '', PORT = '0', PARENT_NAME, HEALTH } = process.env;

/** A file says how the application is. */
function health(): boolean {
  const says = readFileSync(HEALTH ?? '', 'utf8');
  if (says.startsWith('because ')) throw new Error(says.slice(8));
  return says === 'well';
}

@Controller()
class AppController {
  readonly tickets: ReloadTicket[] = [];

  constructor(private readonly reloads: ReloadService) {
    reloads.tickets$.subscribe((ticket) => this.tickets.push(ticket));
  }

  @Get()
  index(): string {
    return String(process.pid);
  }

  @Get('slow')
  async slow(@Query('ms') milliseconds: string): Promise<string> {
    await new Promise((resolve) => setTimeout(resolve, Number(milliseconds)));
    return `slow ${process.pid}`;
  }

  @Sse('events')
  events(): Observable<MessageEvent> {
    return interval(20).pipe(map((data) => ({ data: { data, pid: process.pid } })));
  }

  @Get('status')
  status(): ReloadStatus {
    return this.reloads.status();
  }

  @Get('tickets')
  all(): ReloadTicket[] {
    return this.tickets;
  }

  @Post('reload')
  async reload(): Promise<ReloadTicket | { code: string; message: string; hint: string }> {
    try {
      return await this.reloads.reload();
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      return { code: error.code, message: error.message, hint: error.hint };
    }
  }
}

@Module({
  imports: [
    PluginKitModule.forRoot({
      directories: [PLUGINS],
      timeout: 1000,
      ...(PARENT_NAME !== undefined && { reload: { parentName: PARENT_NAME } }),
      ...(HEALTH !== undefined && { reload: { health } }),
    }),
  ],
  controllers: [AppController],
})
class AppModule {
  onApplicationShutdown(signal?: string): void {
    process.stdout.write(`${process.pid} shut down by ${signal}\n`);
  }
}

const options = { logger: ['error' as const] };
const app =
  PLATFORM === 'fastify'
    ? await NestFactory.create(AppModule, new (await import('@nestjs/platform-fastify')).FastifyAdapter(), options)
    : await NestFactory.create(AppModule, options);
app.enableShutdownHooks();
await app.listen(Number(PORT));
process.stdout.write(`${process.pid} listens\n`);
