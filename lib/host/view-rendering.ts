import path from 'node:path';

import type { AbstractHttpAdapter } from '@nestjs/core';

type Context = Readonly<Record<string, unknown>>;

/** Renders templates for `@Render()`, `response.render()` and `reply.view()`. */
export interface ViewRenderer {
  /** How its template files end. */
  readonly endings: readonly string[];
  readonly render: (template: string, context: Context, request: object | undefined) => string;
}

/** Has the platform render by us what no view engine of the application's own renders. Must run before routes are registered. */
export function renderViewsBy(adapter: AbstractHttpAdapter, renderer: ViewRenderer): void {
  const platform = adapter.getType();
  if (platform === 'express') renderOnExpress(adapter.getInstance<Express>(), renderer);
  else if (platform === 'fastify') renderOnFastify(adapter.getInstance<Fastify>(), renderer);
}

/** What the application said by `setBaseViewsDir()`; on Express only. */
export function baseViewsFolders(adapter: AbstractHttpAdapter | undefined): readonly string[] | undefined {
  if (adapter?.getType() !== 'express') return undefined;
  const folders = adapter.getInstance<Express>().get('views') as string | string[];
  return [folders].flat().map((folder) => path.resolve(folder));
}

type Done = (error: unknown, html?: string) => void;
type Render = (this: { req: object }, view: string, options?: Context | Done, callback?: Done) => void;

interface ViewSettings {
  readonly defaultEngine?: string;
  readonly engines: Readonly<Record<string, unknown>>;
}

interface View {
  readonly name: string;
  readonly path: string;
  render(options: Record<string | symbol, unknown>, callback: Done): void;
}

interface Express {
  readonly response: { render: Render };
  readonly locals: { readonly settings?: unknown };
  get(setting: string): unknown;
  set(setting: string, value: unknown): void;
}

/** Express looks views up by a class that can be replaced. For templates of other engines it stays what it was. */
function renderOnExpress(app: Express, { endings, render }: ViewRenderer): void {
  const request = Symbol('nestjs-pluginkit:request'); // views are told the values only
  const sendRendered = app.response.render;
  app.response.render = function (view, options, callback) {
    const [values, done] = typeof options === 'function' ? [{}, options] : [options, callback];
    sendRendered.call(this, view, { ...values, [request]: this.req }, done);
  };

  const Original = app.get('view') as new (name: string, settings: ViewSettings) => View;
  app.set('view', function (name: string, settings: ViewSettings): View {
    const { defaultEngine = '', engines } = settings;
    const ending = path.extname(name) || (defaultEngine && `.${defaultEngine.replace(/^\./, '')}`);
    if (ending && (!endings.includes(ending) || engines[ending] !== undefined)) return new Original(name, settings);
    return {
      name,
      path: name,
      render: ({ [request]: asked, _locals, cache, settings: ofApp, ...context }, callback) => {
        // Express adds settings of its own to the values.
        const whole = {
          ...(typeof cache !== 'boolean' && { cache }),
          ...(ofApp !== app.locals.settings && { settings: ofApp }),
          ...context,
        };
        let html: string;
        try {
          html = render(name, whole, asked as object | undefined);
        } catch (error) {
          process.nextTick(callback, error);
          return;
        }
        process.nextTick(callback, undefined, html);
      },
    };
  });
}

interface Reply {
  readonly request: object;
  hasHeader(name: string): boolean;
  type(contentType: string): void;
  send(html: string): Reply;
}

interface Fastify {
  after(callback: () => void): void;
  hasReplyDecorator(name: string): boolean;
  decorateReply(name: string, value: unknown): void;
}

function renderOnFastify(fastify: Fastify, { render }: ViewRenderer): void {
  // An engine that the application has registered is there only when Fastify has come to it.
  fastify.after(() => {
    if (fastify.hasReplyDecorator('view')) return;
    fastify.decorateReply('view', function (this: Reply, template: string, context?: Context): Reply {
      const html = render(template, context ?? {}, this.request);
      if (!this.hasHeader('content-type')) this.type('text/html; charset=utf-8');
      return this.send(html);
    });
  });
}
