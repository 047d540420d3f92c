import type { PluginErrorCode } from '../plugin/plugin-error.js';
import type { PluginMilliseconds, PluginOrigin, PluginState } from '../plugin/plugin.js';
import type { BootMilliseconds } from '../registry/boot-report.js';
import type { ReloadStatus, ReloadTicket } from '../reload/reload-ticket.js';

// What the admin takes and answers, below /<admin.path>/api. All of it is JSON; a `Date` is written as ISO 8601 text.

/** What keeps a request from being served that is no fault of a plugin. */
export type AdminErrorCode =
  | 'BAD_REQUEST'
  | 'UNAUTHORIZED'
  | 'FORBIDDEN'
  | 'HOST_NOT_ALLOWED'
  | 'CROSS_SITE'
  | 'NO_SUCH_PATH'
  | 'METHOD_NOT_ALLOWED'
  | 'BUSY'
  | 'TOO_LARGE'
  | 'TOO_MANY_FAILURES'
  | 'INTERNAL';

/** Every answer with a status of 400 or above. */
export interface AdminError {
  /** For programs; that of a PluginError where one plugin is concerned. */
  code: PluginErrorCode | AdminErrorCode;
  /** One sentence for people, without paths of the machine. */
  message: string;
  /** The plugin that it is about. */
  plugin?: string;
  /** What to do about it: one sentence. */
  hint?: string;
}

/** Why a plugin could not be loaded. */
export interface PluginFailure {
  code: PluginErrorCode;
  /** One sentence for people. */
  message: string;
  /** What to do about it. */
  hint: string;
  /** The field of its metadata, or the key of what `register()` returned, that is wrong. */
  field?: string;
  /** The file to look at, below the plugin's folder. */
  file?: string;
}

/** A plugin that another one depends on, or that depends on it. */
export interface PluginRelation {
  name: string;
  /** The npm range that the depending one asks for. */
  range: string;
  /** `missing` where there is no such plugin. */
  state: PluginState | 'missing';
  /** The version that is there. */
  version?: string;
}

/** What pressing the switch of a plugin would do. */
export interface SwitchPreview {
  /** The state that it would be switched to: the other one than it is wanted in now. */
  to: 'enabled' | 'disabled';
  /** Whether it would hold from the next request on, or from the next start of the application on. */
  applied: 'live' | 'on-reload' | 'unchanged';
  /** The other plugins that `cascade` takes along, in the order in which they are switched. */
  affected: string[];
  /** Why it would wait for the next start. */
  reason?: string;
  /** The code with which it is refused unless `cascade` is given. */
  refusedWithoutCascade?: PluginErrorCode;
}

/** One plugin, as the list tells it. */
export interface AdminPlugin {
  /** What it is addressed by: `/api/plugins/<encodeURIComponent(name)>`. */
  name: string;
  /** One line for people: its name and version, and its description where it has one. */
  title: string;
  version?: string;
  author?: string;
  description?: string;
  /** Its home page: http or https, nothing else. */
  url?: string;
  license?: string;
  /** What it is in the running application. */
  state: PluginState;
  /** What it will be from the next start on, where that differs from now. */
  pending?: 'enabled' | 'disabled';
  /** Why it failed; only with `state: 'failed'`. */
  failure?: PluginFailure;
  /** Where it came from; `name` is that of its folder or its package, never a path. */
  origin: { kind: PluginOrigin; name?: string };
  /** How many of each kind it brings: `{ routes: 3, providers: 2 }`; empty unless it is enabled. */
  contributions: Record<string, number>;
  dependencies: PluginRelation[];
  dependents: PluginRelation[];
  /** For each step of the start; `total` is their sum. */
  milliseconds: PluginMilliseconds & { total: number };
  /** What its switch would do. */
  switch: SwitchPreview;
}

/** A route of a plugin. */
export interface AdminRoute {
  /** `GET`, or `ALL` for every method. */
  method: string;
  /** With global prefix and all: `/shop/:id`. */
  path: string;
  /** The versions that it answers to, where a header or the like tells them. */
  versions?: string[];
}

/** `GET api/plugins/:name`: all that is known of one plugin. */
export interface AdminPluginDetail extends AdminPlugin {
  routes: AdminRoute[];
  /** What its author wrote, as plain text and never more than 256 KiB. */
  readme?: PluginText;
  /** Its licence, as plain text. */
  licenseText?: PluginText;
  /** What its package.json or code says of what it runs in: npm ranges. */
  engines: Record<string, string>;
  /** The newest entries of the audit about it, newest first, at most 20. */
  audit: AuditEntry[];
}

/** A text file of a plugin. */
export interface PluginText {
  /** Its path below the plugin's folder. */
  file: string;
  text: string;
  /** Whether the file is longer. */
  isCut: boolean;
}

/** `GET api/plugins` */
export interface PluginList {
  /** In load order. */
  plugins: AdminPlugin[];
  enabled: number;
  disabled: number;
  failed: number;
  /** How the last start went. */
  boot: {
    milliseconds: BootMilliseconds & { total: number };
    /** What was noticed and harmed no plugin. */
    notices: { level: 'warn' | 'debug'; text: string }[];
    /** When this process started. */
    at: string;
  };
  /** Whether and how a reload is possible. */
  reload: Told<ReloadStatus>;
  /** Who asks, as the guards found out. */
  user?: string;
  /** Versions of what runs here. */
  versions: { 'nestjs-pluginkit': string; node: string; host?: string };
}

/** The body of `POST api/plugins/:name/enable` and of `.../disable`; it may be left out. */
export interface ChangeRequest {
  /** Takes along what must be switched as well. @default false */
  cascade?: boolean;
  /** Only tells what would be done. @default false */
  dryRun?: boolean;
}

/** What `POST api/plugins/:name/enable` and `.../disable` did, or with `dryRun` would do. */
export interface ChangeAnswer {
  plugin: string;
  state: 'enabled' | 'disabled';
  applied: 'live' | 'on-reload' | 'unchanged';
  affected: string[];
  /** Why it waits for the next start, where it does. */
  reason?: string;
  /** What went wrong on the way and did not stop it. */
  problems?: AdminError[];
  /** Whether this is only what would be done. */
  dryRun: boolean;
  /** With `dryRun`: the code with which it would be refused as it was asked. */
  refused?: PluginErrorCode;
}

/** `POST api/reload` answers 202 with it, or 409 with an {@link AdminError}. */
export interface ReloadAnswer {
  ticket: Told<ReloadTicket>;
}

/** One line of the audit: who did what, when, and what came of it. */
export interface AuditEntry {
  /** Grows; what `before` of `GET api/audit` takes. */
  id: number;
  /** ISO 8601, in UTC. */
  at: string;
  /** The name that the guards found out; `anonymous`; `application` for its own code, `marker file` for another process. */
  who: string;
  /** The address of the client. */
  address?: string;
  action: 'enable' | 'disable' | 'reload' | 'read';
  plugin?: string;
  /** The state before. */
  from?: PluginState;
  /** The state that was asked for. */
  to?: 'enabled' | 'disabled';
  result: 'done' | 'refused' | 'failed';
  /** Whether it held at once, where something was done. */
  applied?: 'live' | 'on-reload' | 'unchanged';
  /** The plugins that were taken along. */
  affected?: string[];
  /** The HTTP status of the answer. */
  status?: number;
  /** Why it was refused or failed. */
  code?: PluginErrorCode | AdminErrorCode;
  /** The same in a sentence. */
  message?: string;
  /** How many equal ones this entry stands for, where it is more than one. */
  times?: number;
  /** The ticket of a reload. */
  ticket?: string;
}

/** `GET api/audit?limit=50&before=<id>&plugin=<name>`: newest first; `limit` is 1 to 200. */
export interface AuditPage {
  entries: AuditEntry[];
  /** What to give as `before` for the entries behind these; missing at the end. */
  next?: number;
}

/** `GET api/health`, in the form of @nestjs/terminus; 200 with `ok`, 503 with `error`. */
export interface Health {
  status: 'ok' | 'error';
  info: Record<string, HealthOfPlugins>;
  error: Record<string, HealthOfPlugins>;
  details: Record<string, HealthOfPlugins>;
}

/** What stands below the key `pluginkit` of {@link Health}. */
export interface HealthOfPlugins {
  /** `degraded` only where the application asks `PluginKitHealthIndicator` for it. */
  status: 'up' | 'degraded' | 'down';
  enabled: number;
  disabled: number;
  failed: number;
  /** Code by name of the plugins that failed. */
  failures?: Record<string, PluginErrorCode>;
}

/**
 * What `GET api/events` streams: an SSE event of this name whose data is this as JSON. Each has an id, which `Last-Event-ID`
 * resumes behind. `hello` is the first one of a connection that resumes nothing, `reset` that of one that cannot be resumed
 * (another process answers, or too much has happened): read everything anew.
 */
export interface AdminEvents {
  hello: { at: string; generation?: number };
  reset: { at: string; generation?: number };
  /** A plugin has been switched, by whomever. */
  plugin: { plugin: string; from: PluginState; to: 'enabled' | 'disabled'; at: string };
  /** A step of a reload. */
  reload: Told<ReloadTicket>;
  /** A plugin has failed while the application runs. */
  failure: PluginFailure & { plugin: string; at: string };
}

/** A value as JSON tells it: dates are text. */
type Told<T> = T extends Date ? string : T extends object ? { [Key in keyof T]: Told<T[Key]> } : T;
