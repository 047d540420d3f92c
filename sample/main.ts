import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import type { ConfigType } from '@nestjs/config';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { settings } from './settings.js';

const app = await NestFactory.create(AppModule);
app.enableShutdownHooks();
await app.listen(app.get<ConfigType<typeof settings>>(settings.KEY).port);

const address = await app.getUrl();
new Logger('NoticeBoard').log(`The board hangs at ${address.replace('[::1]', 'localhost')}`);
