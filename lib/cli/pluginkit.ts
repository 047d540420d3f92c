#!/usr/bin/env node
import { Command } from 'commander';

import { checkCommand } from './check.command.js';
import { completeCommand, completionCommand } from './completion.command.js';
import { libraryVersion } from './own-manifest.js';
import { listCommand } from './list.command.js';
import { newCommand } from './new.command.js';
import { serveCommand } from './serve.command.js';
import { disableCommand, enableCommand } from './switch.command.js';

const commands: readonly (() => Command)[] = [
  newCommand,
  listCommand,
  enableCommand,
  disableCommand,
  checkCommand,
  serveCommand,
  completionCommand,
];

const program = new Command('pluginkit').description('Plugins of NestJS applications.').version(libraryVersion());
for (const create of commands) program.addCommand(create());
program.addCommand(completeCommand(program), { hidden: true });
await program.parseAsync();
