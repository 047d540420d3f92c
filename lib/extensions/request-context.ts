import type { IncomingHttpHeaders, OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http';

/** What the requests of Express and of Fastify have in common; annotate with those of your platform for the rest. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly originalUrl: string;
  readonly headers: IncomingHttpHeaders;
  readonly query: unknown;
  readonly params: unknown;
  readonly body?: unknown;
  readonly ip?: string | undefined;
  readonly hostname: string;
  readonly protocol: string;
}

/** What the responses of Express and of Fastify have in common; annotate with those of your platform for the rest. */
export interface HttpResponse {
  statusCode: number;
  status(code: number): unknown;
  header(name: string, value: string): unknown;
  getHeader(name: string): OutgoingHttpHeader | undefined;
  removeHeader(name: string): unknown;
  send(body?: unknown): unknown;
}

/** The route that answered a request. */
export interface MatchedRoute {
  /** Its pattern with global prefix and version: `/api/shop/items/:id`. */
  readonly path: string;
  /** The name of the controller class. */
  readonly controller: string;
  /** The name of the controller's method. */
  readonly handler: string;
  /** The plugin that it belongs to; missing for one of the application's own. */
  readonly plugin?: string;
}

/** The headers of an answer; names without regard to case. */
export interface AnswerHeaders {
  get(name: string): OutgoingHttpHeader | undefined;
  set(name: string, value: OutgoingHttpHeader): void;
  remove(name: string): void;
  all(): OutgoingHttpHeaders;
}

/** What is about to be sent. */
export interface RequestAnswer {
  status: number;
  readonly headers: AnswerHeaders;
  /** Text where it is text, bytes otherwise, as it is to be sent; `undefined` for a stream, and where there is none. Setting it replaces it. */
  body: unknown;
  /** Whether it is a stream: its status and headers can be changed, its body cannot. */
  readonly isStream: boolean;
}

/** One request, from its first hook to its last: all hooks of all plugins share it. */
export interface RequestContext<Request = HttpRequest, Response = HttpResponse> {
  /** The platform's own request, as a controller gets it by `@Req()`. */
  readonly req: Request;
  /** The platform's own response, as a controller gets it by `@Res()`. */
  readonly res: Response;
  readonly method: string;
  /** What was asked for, with its query, as the client wrote it. */
  readonly url: string;
  /** To pass things on from one hook to another; empty at first. */
  readonly state: Record<string, unknown>;
  /** The route that was found: there from `afterRequest` on, unless there was none. */
  readonly route?: MatchedRoute;
  /** The answer: there in `afterRequest`, and in `teardownRequest` unless there was none. */
  readonly response?: RequestAnswer;
  /** Whether the client went away before it had the whole answer: known in `teardownRequest`. */
  readonly aborted: boolean;
}
