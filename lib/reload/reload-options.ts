/** How the application is started again: the option `reload`. */
export interface ReloadOptions {
  /**
   * The name of the parent process, where that starts the application again when it gets SIGHUP: what `ps` shows of it.
   * Without it, no signal is sent.
   */
  readonly parentName?: string;
}

/** The injection token of the {@link ReloadOptions}. */
export const RELOAD_OPTIONS = Symbol('nestjs-pluginkit:reload-options');

/** Whether they have the right shape. */
export function isReloadOptions(options: unknown): options is ReloadOptions {
  if (typeof options !== 'object' || options === null) return false;
  if (Object.keys(options).some((key) => key !== 'parentName')) return false;
  const name: unknown = Reflect.get(options, 'parentName');
  return name === undefined || (typeof name === 'string' && name.trim() !== '');
}
