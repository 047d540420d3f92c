import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import { PluginKitModule, type PluginKitOptions } from '../index.js';

// An application that has nothing but plugins, to try them out by themselves.
const [given = '{}'] = process.argv.slice(2);

@Module({ imports: [PluginKitModule.forRoot(JSON.parse(given) as PluginKitOptions)] })
class PluginsOnly {}

const app = await NestFactory.create(PluginsOnly, { logger: ['error'], abortOnError: false });
await app.listen(0);
