import type { HealthCheck } from './worker-health.js';

/** How the application is started again: the option `reload`. */
export interface ReloadOptions {
  /**
   * The name of the parent process, where that starts the application again when it gets SIGHUP: what `ps` shows of it.
   * Without it, no signal is sent.
   */
  readonly parentName?: string;
  /**
   * Whether a worker of `pluginkit serve` is fit to take requests: asked when it is about to listen, and again until it is, for as long
   * as `--ready-timeout` gives. Only then does it listen, and may an old worker leave.
   *
   * @example
   * forRootAsync({ inject: [DataSource], useFactory: (db) => ({ reload: { health: () => db.query('select 1') } }) })
   */
  readonly health?: HealthCheck;
}

/** The injection token of the {@link ReloadOptions}. */
export const RELOAD_OPTIONS = Symbol('nestjs-pluginkit:reload-options');

/** Whether they have the right shape. */
export function isReloadOptions(options: unknown): options is ReloadOptions {
  if (typeof options !== 'object' || options === null) return false;
  if (Object.keys(options).some((key) => key !== 'parentName' && key !== 'health')) return false;
  const { parentName: name, health } = options as Record<keyof ReloadOptions, unknown>;
  if (health !== undefined && typeof health !== 'function') return false;
  return name === undefined || (typeof name === 'string' && name.trim() !== '');
}
