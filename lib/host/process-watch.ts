import { named, type PluginWatch, type Watched } from '../loading/plugin-watch.js';
import type { JournalPlugin } from '../state/boot-record.js';

/** Is told what a plugin threw while nobody waited for it. */
export type OnPluginError = (plugin: Watched, thrown: unknown) => void;

/** Listeners of this library, in whatever application of the process. */
const OURS = Symbol.for('nestjs-pluginkit:listener');

/**
 * Sees errors that nobody has caught, and the end of the process. An error of a plugin is told, and the process lives on.
 * What the application throws does what it would do without this: nothing handles errors until a plugin has thrown one.
 */
export class ProcessWatch {
  #diesOfApplication = false;

  constructor(
    private readonly watch: PluginWatch,
    private readonly onPluginError: OnPluginError,
  ) {}

  start(): void {
    process.on('uncaughtExceptionMonitor', this.#onUncaught);
    process.on('exit', this.#onExit);
    process.on('newListener', this.#onNewListener);
    process.on('removeListener', this.#onListenerGone);
    if (process.listeners('unhandledRejection').some(isForeign)) process.on('unhandledRejection', this.#onRejection);
  }

  stop(): void {
    process.off('newListener', this.#onNewListener);
    process.off('removeListener', this.#onListenerGone);
    process.off('unhandledRejection', this.#onRejection);
    process.off('uncaughtExceptionMonitor', this.#onUncaught);
    process.off('exit', this.#onExit);
  }

  /** Node.js calls it before it looks who handles the error. Where the application handles such errors itself, that is left to it. */
  readonly #onUncaught = (thrown: unknown): void => {
    const plugin = this.watch.ownerOf(thrown);
    const isHandled = process.listenerCount('uncaughtException') > 0 || process.hasUncaughtExceptionCaptureCallback();
    if (plugin && !isHandled) process.once('uncaughtException', () => undefined);
    if (plugin) this.onPluginError(plugin, thrown);
    else if (!isHandled) this.#diesOfApplication = true;
  };

  /** Is there only beside a listener of the application: alone, it would keep rejections from ending the process. */
  readonly #onRejection = Object.assign(
    (reason: unknown): void => {
      const plugin = this.watch.ownerOf(reason);
      if (plugin) this.onPluginError(plugin, reason);
    },
    { [OURS]: true },
  );

  readonly #onNewListener = (event: string | symbol, listener: object): void => {
    if (event === 'unhandledRejection' && isForeign(listener) && !this.#hearsRejections)
      process.on('unhandledRejection', this.#onRejection);
  };

  readonly #onListenerGone = (event: string | symbol): void => {
    if (event === 'unhandledRejection' && this.#hearsRejections && !process.listeners(event).some(isForeign))
      process.off('unhandledRejection', this.#onRejection);
  };

  get #hearsRejections(): boolean {
    return process.listeners('unhandledRejection').includes(this.#onRejection);
  }

  readonly #onExit = (code: number): void => {
    this.watch.journal.end(code, this.#ender());
  };

  /** Whose doing the end is: that of who called `process.exit()`, of the application, or of nobody that is known. */
  #ender(): JournalPlugin | null | undefined {
    const plugin = this.watch.here();
    if (plugin) return named(plugin);
    return this.#diesOfApplication || (new Error('for its stack').stack ?? '').includes('process.exit')
      ? null
      : undefined;
  }
}

function isForeign(listener: object): boolean {
  return !(OURS in listener);
}
