import { PLUGIN_ERROR_CODES } from '../plugin/plugin-error.js';

type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string' };
const flag: Schema = { type: 'boolean' };
const count: Schema = { type: 'integer', minimum: 0 };
const milliseconds: Schema = { type: 'number', minimum: 0 };
const at: Schema = { type: 'string', format: 'date-time' };
const state: Schema = { enum: ['enabled', 'disabled', 'failed'] };
const wanted: Schema = { enum: ['enabled', 'disabled'] };
const applied: Schema = { enum: ['live', 'on-reload', 'unchanged'] };
const code: Schema = { type: 'string', examples: PLUGIN_ERROR_CODES };
const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
const list = (items: Schema): Schema => ({ type: 'array', items });
const map = (additionalProperties: Schema): Schema => ({ type: 'object', additionalProperties });

/** An object whose fields are all there, but for those whose names end in `?`. */
function object(fields: Readonly<Record<string, Schema>>): Schema {
  const entries = Object.entries(fields);
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, schema]) => [name.replace('?', ''), schema])),
    required: entries.flatMap(([name]) => (name.endsWith('?') ? [] : [name])),
  };
}

const failure = { code, message: text, hint: text, 'field?': text, 'file?': text };

const plugin = {
  name: text,
  title: text,
  'version?': text,
  'author?': text,
  'description?': text,
  'url?': { type: 'string', format: 'uri' },
  'license?': text,
  state,
  'pending?': wanted,
  'failure?': object(failure),
  origin: object({ kind: { enum: ['folder', 'package', 'inline'] }, 'name?': text }),
  contributions: map(count),
  dependencies: list(ref('Relation')),
  dependents: list(ref('Relation')),
  milliseconds: object({
    'import?': milliseconds,
    'register?': milliseconds,
    'start?': milliseconds,
    total: milliseconds,
  }),
  switch: object({ to: wanted, applied, affected: list(text), 'reason?': text, 'refusedWithoutCascade?': code }),
};

const schemas: Readonly<Record<string, Schema>> = {
  Error: object({ code, message: text, 'plugin?': text, 'hint?': text }),
  Relation: object({
    name: text,
    range: text,
    state: { enum: ['enabled', 'disabled', 'failed', 'missing'] },
    'version?': text,
  }),
  Plugin: object(plugin),
  Text: object({ file: text, text, isCut: flag }),
  PluginDetail: object({
    ...plugin,
    routes: list(object({ method: text, path: text, 'versions?': list(text) })),
    'readme?': ref('Text'),
    'licenseText?': ref('Text'),
    engines: map(text),
    audit: list(ref('AuditEntry')),
  }),
  PluginList: object({
    plugins: list(ref('Plugin')),
    enabled: count,
    disabled: count,
    failed: count,
    boot: object({
      milliseconds: object({
        scan: milliseconds,
        import: milliseconds,
        register: milliseconds,
        start: milliseconds,
        total: milliseconds,
      }),
      notices: list(object({ level: { enum: ['warn', 'debug'] }, text })),
      at,
    }),
    reload: object({
      isPossible: flag,
      way: { enum: ['supervisor', 'signal', 'none'] },
      'reason?': text,
      'hint?': text,
      'generation?': count,
      'last?': ref('ReloadTicket'),
    }),
    'user?': text,
    versions: object({ 'nestjs-pluginkit': text, node: text, 'host?': text }),
  }),
  ChangeRequest: { ...object({ 'cascade?': flag, 'dryRun?': flag }), additionalProperties: false },
  ChangeAnswer: object({
    plugin: text,
    state: wanted,
    applied,
    affected: list(text),
    'reason?': text,
    'problems?': list(ref('Error')),
    dryRun: flag,
    'refused?': code,
  }),
  ReloadTicket: object({
    id: text,
    phase: { enum: ['queued', 'checking', 'starting', 'draining', 'signalled', 'done', 'aborted'] },
    generation: count,
    'workers?': object({ ready: count, total: count }),
    'error?': ref('Error'),
    at,
  }),
  ReloadAnswer: object({ ticket: ref('ReloadTicket') }),
  AuditEntry: object({
    id: { type: 'integer' },
    at,
    who: text,
    'address?': text,
    action: { enum: ['enable', 'disable', 'reload', 'read'] },
    'plugin?': text,
    'from?': state,
    'to?': wanted,
    result: { enum: ['done', 'refused', 'failed'] },
    'applied?': applied,
    'affected?': list(text),
    'status?': { type: 'integer' },
    'code?': code,
    'message?': text,
    'times?': count,
    'ticket?': text,
  }),
  AuditPage: object({ entries: list(ref('AuditEntry')), 'next?': { type: 'integer' } }),
  Health: object({
    status: { enum: ['ok', 'error'] },
    info: map(ref('HealthOfPlugins')),
    error: map(ref('HealthOfPlugins')),
    details: map(ref('HealthOfPlugins')),
  }),
  HealthOfPlugins: object({
    status: { enum: ['up', 'down'] },
    enabled: count,
    disabled: count,
    failed: count,
    'failures?': map(code),
  }),
};

const REASONS: Readonly<Record<number, string>> = {
  400: 'The request is not well-formed.',
  401: 'Nobody has signed in.',
  403: 'The one who asks, the host name, or the site that asks may not.',
  404: 'There is no such plugin.',
  409: 'The state of the plugins does not allow it, or too much is under way.',
  429: 'Too many attempts have failed.',
  503: 'It cannot be done now.',
};

const json = (schema: Schema): Schema => ({ 'application/json': { schema } });
const name = {
  name: 'name',
  in: 'path',
  required: true,
  schema: text,
  description: 'The name of the plugin, or of its folder.',
};

function operation(
  summary: string,
  status: number,
  content: Schema,
  failures: readonly number[],
  more: Schema = {},
): Schema {
  const refusals = [401, 403, 429, ...failures].toSorted((a, b) => a - b);
  return {
    summary,
    ...more,
    responses: {
      [status]: { description: summary, content },
      ...Object.fromEntries(
        refusals.map((each) => [each, { description: REASONS[each], content: json(ref('Error')) }]),
      ),
    },
  };
}

const body = { requestBody: { required: false, content: json(ref('ChangeRequest')) }, parameters: [name] };
const query = (key: string, schema: Schema): Schema => ({ name: key, in: 'query', required: false, schema });
const health = operation('How the plugins are, in the form of @nestjs/terminus', 200, json(ref('Health')), []);

/** By path and method; what is served is checked against it by a test. */
const paths: Readonly<Record<string, Readonly<Record<string, Schema>>>> = {
  '/': { get: operation('The page', 200, { 'text/html': { schema: text } }, []) },
  '/api/plugins': { get: operation('All plugins, in load order', 200, json(ref('PluginList')), []) },
  '/api/plugins/{name}': {
    get: operation('One plugin', 200, json(ref('PluginDetail')), [404], { parameters: [name] }),
  },
  '/api/plugins/{name}/enable': {
    post: operation('Switches a plugin on', 200, json(ref('ChangeAnswer')), [400, 404, 409, 503], body),
  },
  '/api/plugins/{name}/disable': {
    post: operation('Switches a plugin off', 200, json(ref('ChangeAnswer')), [400, 404, 409, 503], body),
  },
  '/api/reload': { post: operation('Starts the application afresh', 202, json(ref('ReloadAnswer')), [400, 409]) },
  '/api/events': {
    get: operation('What happens, as server-sent events', 200, { 'text/event-stream': { schema: text } }, [503], {
      parameters: [{ name: 'Last-Event-ID', in: 'header', required: false, schema: text }],
    }),
  },
  '/api/audit': {
    get: operation('Who did what, newest first', 200, json(ref('AuditPage')), [400], {
      parameters: [
        query('limit', { type: 'integer', minimum: 1, maximum: 200, default: 50 }),
        query('before', { type: 'integer', minimum: 0 }),
        query('plugin', text),
      ],
    }),
  },
  '/api/health': {
    get: {
      ...health,
      responses: {
        ...(health['responses'] as Schema),
        503: { description: 'A plugin has failed.', content: json(ref('Health')) },
      },
    },
  },
  '/api/openapi.json': { get: operation('This description', 200, json({ type: 'object' }), []) },
};

/** Describes the API; its server is told relative to where the description lies, so that any prefix and proxy suits. */
export function openApi(version: string): Schema {
  return {
    openapi: '3.1.0',
    info: { title: 'nestjs-pluginkit admin', version },
    servers: [{ url: '..' }],
    paths,
    components: { schemas },
  };
}

/** By which methods a path is asked, which is written below the admin's own: none for one that is not there. */
export function methodsOf(rest: string): string[] {
  const given = rest.replace(/\/$/, '').split('/');
  const found = Object.entries(paths).find(([path]) => {
    const parts = path.slice(1).split('/');
    return parts.length === given.length && parts.every((part, place) => part.startsWith('{') || part === given[place]);
  });
  return found ? Object.keys(found[1]).map((method) => method.toUpperCase()) : [];
}
