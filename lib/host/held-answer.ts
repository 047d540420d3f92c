import type { ServerResponse } from 'node:http';

import type { AnswerHeaders, RequestAnswer } from '../extensions/request-context.js';
import { readableBody } from './answer-body.js';
import { checkJson, isStreamLike } from './handler-results.js';
import { applyHead } from './write-head.js';

type Method = (...args: unknown[]) => unknown;
type Methods = Record<'writeHead' | 'write' | 'end' | 'flushHeaders', Method>;
/** What is asked of the answer before it is sent; nothing is returned where nothing has to be waited for. */
type BeforeSent = (answer: HeldAnswer) => Promise<void> | undefined;

/** What told of a body that is replaced. */
const OF_BODY = ['content-length', 'content-encoding', 'transfer-encoding', 'etag', 'last-modified', 'accept-ranges'];

/**
 * Holds an answer back at the one place that every answer passes, Node's own response, until somebody has seen it, and changed it.
 * A whole answer is held; of a stream only the head is, until its first byte: it is neither collected nor slowed down.
 */
export class HeldAnswer implements RequestAnswer {
  readonly headers: AnswerHeaders;
  isStream = false;
  #state: 'open' | 'held' | 'sent' = 'open';
  #hasHead = false;
  /** While a hook runs, what it does to the response changes the answer. */
  #isOpen = false;
  #chunk: unknown;
  #encoding: BufferEncoding = 'utf8';
  #isReplaced = false;
  #endArguments: readonly unknown[] = [];
  /** What a stream wanted to write while it was held. */
  readonly #waiting: (() => unknown)[] = [];
  readonly #original: Methods;

  private constructor(
    private readonly raw: ServerResponse,
    private readonly reply: (value: unknown) => void,
    private readonly beforeSent: BeforeSent,
  ) {
    this.headers = {
      get: (name) => raw.getHeader(name),
      set: (name, value) => void raw.setHeader(name, value),
      remove: (name) => raw.removeHeader(name),
      all: () => raw.getHeaders(),
    };
    const { writeHead, write, end, flushHeaders } = raw as unknown as Methods;
    this.#original = { writeHead, write, end, flushHeaders };
    this.#takeOver();
  }

  /**
   * Holds the answer of a response.
   * @param raw Node's own response
   * @param reply has the platform write a value to that response, as it writes what a handler returns
   */
  static of(raw: ServerResponse, reply: (value: unknown) => void, beforeSent: BeforeSent): HeldAnswer {
    return new HeldAnswer(raw, reply, beforeSent);
  }

  get status(): number {
    return this.raw.statusCode;
  }

  set status(code: number) {
    this.raw.statusCode = code;
  }

  get body(): unknown {
    return this.isStream ? undefined : readableBody(this.#chunk, this.#encoding, this.raw.getHeader('content-type'));
  }

  set body(value: unknown) {
    this.replaceBody(value);
  }

  /** Lets a hook do to the response what it likes: for the time of a call, not of what that waits for. */
  openFor<T>(call: () => T): T {
    this.#isOpen = true;
    try {
      return call();
    } finally {
      this.#isOpen = false;
    }
  }

  /**
   * Puts another body in the place of the answer's: text and bytes keep the type that the answer has, everything else is typed anew.
   * @throws TypeError when there is no body to replace, or the value cannot be sent; then nothing has changed
   */
  replaceBody(value: unknown): void {
    if (this.isStream) throw new TypeError('the answer is a stream: its headers can be changed, its body cannot');
    if (this.#state !== 'held') throw new TypeError('the answer can be changed in afterRequest only');
    if (isStreamLike(value)) throw new TypeError('a stream cannot take the place of an answer');
    checkJson(value);
    const { raw } = this;
    const before = { headers: raw.getHeaders(), chunk: this.#chunk, status: raw.statusCode };
    for (const name of OF_BODY) raw.removeHeader(name);
    if (typeof value !== 'string' && !ArrayBuffer.isView(value)) raw.removeHeader('content-type');
    try {
      if (ArrayBuffer.isView(value)) this.#replaceByBytes(value);
      else this.openFor(() => this.reply(value));
    } catch (error) {
      this.#chunk = before.chunk;
      raw.statusCode = before.status;
      for (const name of raw.getHeaderNames()) raw.removeHeader(name);
      for (const [name, held] of Object.entries(before.headers)) if (held !== undefined) raw.setHeader(name, held);
      throw error;
    }
  }

  #takeOver(): void {
    const { raw } = this;
    const methods: Methods = {
      writeHead: (...args) => this.#writeHead(args),
      write: (...args) => this.#write('write', args),
      flushHeaders: (...args) => this.#write('flushHeaders', args),
      end: (...args) => this.#end(args),
    };
    for (const [name, value] of Object.entries(methods)) define(raw, name, { value, writable: true });
    const proto = Object.getPrototypeOf(raw) as object;
    const isSet = (name: string): boolean => Reflect.get(proto, name, raw) as boolean;
    // To everybody but a hook, what is held has been sent.
    define(raw, 'headersSent', {
      get: () =>
        (!this.#isOpen && (this.#state === 'held' || (this.#hasHead && this.#state === 'open'))) ||
        isSet('headersSent'),
    });
    define(raw, 'writableEnded', {
      get: () => (!this.#isOpen && this.#state === 'held' && !this.isStream) || isSet('writableEnded'),
    });
  }

  #pass(name: keyof Methods, args: readonly unknown[]): unknown {
    return Reflect.apply(this.#original[name], this.raw, args);
  }

  #writeHead(args: readonly unknown[]): unknown {
    if (this.#state === 'sent') return this.#pass('writeHead', args);
    if (this.#state === 'held' && !this.#isOpen) return this.raw;
    applyHead(this.raw, args);
    this.#hasHead = true;
    return this.raw;
  }

  #write(name: 'write' | 'flushHeaders', args: readonly unknown[]): unknown {
    if (this.#state === 'open') {
      this.isStream = true;
      this.#hold();
    }
    if (this.#state === 'sent') return this.#pass(name, args);
    if (this.isStream) this.#waiting.push(() => this.#pass(name, args));
    return false;
  }

  #end(args: readonly unknown[]): unknown {
    if (this.#state === 'sent') return this.#pass('end', args);
    if (this.#state === 'held') {
      if (this.isStream) this.#waiting.push(() => this.#pass('end', args));
      else if (this.#isOpen) this.#replace(args);
      return this.raw;
    }
    const [chunk, encoding] = args;
    if (typeof chunk !== 'function') this.#chunk = chunk;
    if (typeof encoding === 'string') this.#encoding = encoding as BufferEncoding;
    this.#endArguments = args;
    this.#hold();
    return this.raw;
  }

  #replace([chunk, encoding]: readonly unknown[]): void {
    this.#isReplaced = true;
    this.#chunk = typeof chunk === 'function' ? undefined : chunk;
    this.#encoding = typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8';
  }

  /** Nest would make JSON of them. */
  #replaceByBytes({ buffer, byteOffset, byteLength }: ArrayBufferView): void {
    const { raw } = this;
    if (!raw.hasHeader('content-type')) raw.setHeader('content-type', 'application/octet-stream');
    raw.setHeader('content-length', byteLength);
    this.#replace([Buffer.from(buffer, byteOffset, byteLength)]);
  }

  #hold(): void {
    this.#state = 'held';
    const seen = this.beforeSent(this);
    if (seen) void seen.then(() => this.#send());
    else this.#send();
  }

  #send(): void {
    this.#state = 'sent';
    if (!this.isStream) {
      if (this.raw.statusCode === 204) this.raw.removeHeader('content-length');
      const callback = this.#endArguments.find((each) => typeof each === 'function');
      this.#pass('end', this.#isReplaced ? [this.#chunk, this.#encoding, callback] : this.#endArguments);
      return;
    }
    if (this.#waiting.length === 0) return;
    let more: unknown;
    for (const write of this.#waiting.splice(0)) more = write();
    if (more === true) this.raw.emit('drain'); // who was told to wait goes on
  }
}

function define(raw: ServerResponse, name: string, property: PropertyDescriptor): void {
  Object.defineProperty(raw, name, { configurable: true, ...property });
}
