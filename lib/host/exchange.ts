import { finished } from 'node:stream';
import type { IncomingMessage, ServerResponse } from 'node:http';

import type {
  HttpRequest,
  HttpResponse,
  MatchedRoute,
  RequestAnswer,
  RequestContext,
} from '../extensions/request-context.js';
import type { RequestPoints } from './request-points.js';
import type { Snapshot } from './snapshots.js';

/** The context of the hooks, as we write it. */
interface Context extends RequestContext {
  route?: MatchedRoute;
  response?: RequestAnswer;
  aborted: boolean;
}

/** One request, with those who take part in it: they stay the same to its end, whoever is switched meanwhile. */
export interface Exchange {
  readonly ctx: Context;
  readonly rawRequest: IncomingMessage;
  readonly rawResponse: ServerResponse;
  readonly snapshot: Snapshot;
  readonly points: RequestPoints;
  /** What was thrown first. */
  error?: unknown;
  /** Hooks that are being waited for. */
  pending?: Promise<unknown>;
  isOver: boolean;
}

/** A new one. */
export function newExchange(request: object, response: object, snapshot: Snapshot, points: RequestPoints): Exchange {
  const rawRequest = rawOf(request) as IncomingMessage & { originalUrl?: string };
  return {
    ctx: {
      req: request as HttpRequest,
      res: response as HttpResponse,
      method: rawRequest.method ?? '',
      url: rawRequest.originalUrl ?? rawRequest.url ?? '',
      state: {},
      aborted: false,
    },
    rawRequest,
    rawResponse: rawOf(response) as ServerResponse,
    snapshot,
    points,
    isOver: false,
  };
}

/** Node's own request or response: Fastify carries it in `raw`. */
export function rawOf(object: object): object {
  return (Reflect.get(object, 'raw') as object | undefined) ?? object;
}

type Settle = (error?: Error | null) => void;

/** Tells once when a response has been sent, or when its client is gone. */
export class ResponseEnds {
  /** A connection may carry any number of requests at a time; it gets one listener. */
  readonly #byConnection = new WeakMap<object, Set<Settle>>();

  /** @param call is told whether the client went away before */
  once({ rawRequest, rawResponse }: Exchange, call: (isAborted: boolean) => void): void {
    const waiting = this.#waitingFor(rawRequest.socket);
    const settle: Settle = (error) => {
      if (waiting.delete(settle)) call(error != null);
    };
    waiting.add(settle);
    finished(rawResponse, settle);
  }

  /** A response that waits behind others on its connection is not told when that goes. */
  #waitingFor(socket: IncomingMessage['socket']): Set<Settle> {
    const known = this.#byConnection.get(socket);
    if (known) return known;
    const waiting = new Set<Settle>();
    this.#byConnection.set(socket, waiting);
    socket.once('close', () => {
      for (const settle of waiting) settle(new Error('the connection was closed'));
    });
    return waiting;
  }
}
