#!/usr/bin/env node
import { readFileSync } from 'node:fs';

import { Command } from 'commander';

import { serveCommand } from './serve.command.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const commands: readonly (() => Command)[] = [serveCommand];

const program = new Command('pluginkit').description('Plugins of NestJS applications.').version(version);
for (const create of commands) program.addCommand(create());
await program.parseAsync();
