import 'reflect-metadata';
import { createRequire } from 'node:module';
process.chdir('/tmp/wt/admin-page');
const { Module } = await import('/tmp/wt/admin-page/node_modules/@nestjs/common/index.js');
const { NestFactory } = await import('/tmp/wt/admin-page/node_modules/@nestjs/core/index.js');
const { FastifyAdapter } = await import('/tmp/wt/admin-page/node_modules/@nestjs/platform-fastify/index.js');
const { PluginKitModule, basicAuth } = await import('/tmp/wt/admin-page/dist/index.js');
class App {} Module({ imports: [PluginKitModule.forRoot({ directories: [], live: true, admin: { guards: [basicAuth({ users: { admin: 'x' } })] } })] })(App);
for (const [port, adapter] of [[4401], [4402, new FastifyAdapter()]]) { const app = await (adapter ? NestFactory.create(App, adapter) : NestFactory.create(App)); if (process.env.PREFIX) app.setGlobalPrefix(process.env.PREFIX); await app.listen(port); }
