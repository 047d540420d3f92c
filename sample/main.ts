import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import type { ConfigType } from '@nestjs/config';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { settings } from './settings.js';

const app = await NestFactory.create(AppModule);
app.enableShutdownHooks();
const board = app.get<ConfigType<typeof settings>>(settings.KEY);
await app.listen(board.port);

const logger = new Logger('NoticeBoard');
const address = (await app.getUrl()).replace('[::1]', 'localhost');
if (board.isPasswordMadeUp)
  logger.log(`The password of "admin" is ${board.adminPassword} (PLUGINKIT_ADMIN_PASSWORD sets another)`);
logger.log(`Its plugins are looked after at ${address}/pluginkit`);
logger.log(`The board hangs at ${address}`);
