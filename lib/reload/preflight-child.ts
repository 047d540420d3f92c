import { Server } from 'node:net';

import { PREFLIGHT_VARIABLE } from '../state/journal-places.js';
import type { PreflightMessage } from './preflight-report.js';

// Is loaded before an application whose start is only tried out: no server of it opens a port. Each one is told that it
// listens, since a plugin may wait for one of its own; when the application's does, its start is over.
if (process.env[PREFLIGHT_VARIABLE]) {
  const addresses = new WeakMap<Server, object>();

  Server.prototype.listen = function listen(this: Server, ...args: unknown[]): Server {
    const [first, second] = args;
    const given = (typeof first === 'object' && first !== null ? first : { port: first, host: second }) as Wanted;
    addresses.set(this, {
      address: typeof given.host === 'string' ? given.host : '127.0.0.1',
      family: 'IPv4',
      port: Number(given.port) || 1,
    });
    const callback = args.findLast((each) => typeof each === 'function');
    if (callback) this.once('listening', callback as () => void);
    process.send?.({ pluginkit: 'listen' } satisfies PreflightMessage);
    setImmediate(() => this.emit('listening'));
    return this;
  };

  Server.prototype.address = function address(this: Server): ReturnType<Server['address']> {
    return (addresses.get(this) ?? null) as ReturnType<Server['address']>;
  };
}

interface Wanted {
  readonly port?: unknown;
  readonly host?: unknown;
}
