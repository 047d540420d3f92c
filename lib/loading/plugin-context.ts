import { createHook, executionAsyncResource, type AsyncHook } from 'node:async_hooks';

/** What Node.js runs later: it carries whose it is. */
type Resource = Record<PropertyKey, unknown>;

/** What holds the function that runs later. */
const CALLBACKS: Readonly<Record<string, string>> = { Timeout: '_onTimeout', Immediate: '_onImmediate' };

/** What may go wrong long after it was begun; the rest is too much to be asked for. */
const LASTING = new Set(
  (
    'Timeout Immediate TCPWRAP TCPCONNECTWRAP TCPSERVERWRAP PIPEWRAP PIPECONNECTWRAP TLSWRAP UDPWRAP ' +
    'GETADDRINFOREQWRAP PROCESSWRAP WORKER FSEVENTWRAP STATWATCHER'
  ).split(' '),
);

/**
 * Remembers who began what runs later: a timer, a socket, a promise. An AsyncLocalStorage would do the same, and make each
 * request slower for as long as the application runs, since it follows every promise. This one follows them only while
 * code of an owner runs, at the start or in one of its own timers, and costs nothing else.
 */
export class PluginContext<Owner extends object> {
  readonly #key = Symbol('nestjs-pluginkit:owner');
  readonly #hook: AsyncHook;
  /** How many run in it now, or have just done so. */
  #uses = 0;
  #isOwn = false;

  /** @param guess tells the owner of what is begun by no owner that is known, from the stack of the moment */
  constructor(guess: () => Owner | undefined) {
    this.#hook = createHook({
      init: (_id, type, _trigger, resource) => {
        if (this.#isOwn) return;
        const owner = this.current() ?? (LASTING.has(type) ? guess() : undefined);
        if (owner) this.#mark(resource as Resource, type, owner);
      },
    });
  }

  /** Whose code runs, or began what runs now. */
  current(): Owner | undefined {
    return (executionAsyncResource() as Resource)[this.#key] as Owner | undefined;
  }

  /** Runs something in which whatever begins is its owner's; without an owner, each thing is asked for. */
  run<T>(owner: Owner | undefined, work: () => T): T {
    const resource = executionAsyncResource() as Resource;
    const before = resource[this.#key];
    resource[this.#key] = owner;
    this.#use();
    try {
      const result = work();
      if (result instanceof Promise) {
        this.#use();
        void result.then(this.#leave, this.#leave);
      }
      return result;
    } finally {
      resource[this.#key] = before;
      this.#leave();
    }
  }

  #use(): void {
    if (this.#uses === 0) this.#hook.enable();
    this.#uses += 1;
  }

  /** What has been resolved goes on before anything else happens: it is followed, too. */
  readonly #leave = (): void => {
    this.#isOwn = true;
    setImmediate(() => {
      this.#uses -= 1;
      if (this.#uses === 0) this.#hook.disable();
    });
    this.#isOwn = false;
  };

  /** A timer runs long after the start: it brings its owner with it, for what it begins in its turn. */
  #mark(resource: Resource, type: string, owner: Owner): void {
    resource[this.#key] = owner;
    const name = CALLBACKS[type];
    const callback = name === undefined ? undefined : resource[name];
    if (name === undefined || typeof callback !== 'function') return;
    const run = (work: () => void): void => this.run(owner, work);
    resource[name] = function (this: unknown, ...args: unknown[]): void {
      run(() => void Reflect.apply(callback, this, args)); // a promise that it returns is nobody's: Node.js tells if it is rejected
    };
  }
}
