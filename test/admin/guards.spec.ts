import crypto, { createHash } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

import { addressOf, peerOf, type AdminRequest } from '#lib/admin/guards/client.js';
import { Throttle } from '#lib/admin/throttle.js';
import {
  Controller,
  Get,
  UnauthorizedException,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { allowIps, basicAuth, bearerToken } from 'nestjs-pluginkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { bootApp, PLATFORMS } from '../support/boot-app.js';

/** The lengths of what is compared in constant time. */
const compared: number[] = [];
const { timingSafeEqual } = crypto;

beforeAll(() => {
  crypto.timingSafeEqual = (a, b) => {
    compared.push(a.byteLength, b.byteLength);
    return timingSafeEqual(a, b);
  };
  syncBuiltinESMExports();
});

afterAll(() => {
  crypto.timingSafeEqual = timingSafeEqual;
  syncBuiltinESMExports();
});

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function asking(request: Partial<AdminRequest>): ExecutionContext {
  const complete = { method: 'GET', url: '/', headers: {}, ...request };
  return { switchToHttp: () => ({ getRequest: () => complete }) } as unknown as ExecutionContext; // all that guards ask
}

async function answerTo(guard: CanActivate, request: Partial<AdminRequest>): Promise<unknown> {
  try {
    return await guard.canActivate(asking(request));
  } catch (error) {
    return (error as { getStatus(): number }).getStatus();
  }
}

const basic = (text: string): Partial<AdminRequest> => ({
  headers: { authorization: `Basic ${Buffer.from(text).toString('base64')}` },
});

describe('basicAuth', () => {
  const guard = basicAuth({ users: { ada: 'pass:word', bob: `sha256:${sha256('geheim')}`, ['__proto__x']: 'x' } });

  it('takes the right name and password, given as text or as a hash', async () => {
    expect(await answerTo(guard, basic('ada:pass:word'))).toBe(true);
    expect(await answerTo(guard, basic('bob:geheim'))).toBe(true);
  });

  it.each([
    'ada:wrong',
    'ada:',
    'ada',
    ':',
    'carl:pass:word',
    '__proto__:x',
    'constructor:x',
    'ada:pass:word\0',
    `bob:sha256:${sha256('geheim')}`,
    'ADA:pass:word',
  ])('refuses %j', async (text) => {
    expect(await answerTo(guard, basic(text))).toBe(401);
  });

  it.each([undefined, '', 'Basic', 'Basic !!!', 'Bearer x', 'Digest x'])(
    'refuses the header %j',
    async (authorization) => {
      expect(await answerTo(guard, { headers: { authorization } })).toBe(401);
    },
  );

  it('49: compares digests of one length, for a name that nobody has too', async () => {
    for (const text of ['ada:wrong', 'nobody:wrong', 'nobody:']) {
      compared.length = 0;
      await answerTo(guard, basic(text));
      expect(compared).toEqual([32, 32]);
    }
  });

  it.each([
    [{ users: {} }],
    [{ users: { ada: '' } }],
    [{ users: { ada: undefined } }],
    [{ users: { 'a:b': 'x' } }],
    [{ users: { ada: 'sha256:abc' } }],
    [{ users: { ada: 'x' }, realm: 'a"b' }],
  ])('is not made of %j', (options) => {
    expect(() => basicAuth(options as never)).toThrow(/^basicAuth: /);
  });
});

describe('bearerToken', () => {
  const bearer = (token: string): Partial<AdminRequest> => ({ headers: { authorization: `Bearer ${token}` } });

  it('takes tokens by their hashes, and looks at all of them whichever is right', async () => {
    const guard = bearerToken({ hashes: [sha256('one'), sha256('two').toUpperCase()] });
    for (const [token, expected] of [
      ['one', true],
      ['two', true],
      ['three', 401],
      [sha256('one'), 401],
    ] as const) {
      compared.length = 0;
      expect(await answerTo(guard, bearer(token))).toBe(expected);
      expect(compared).toEqual([32, 32, 32, 32]);
    }
    expect(await answerTo(guard, {})).toBe(401);
  });

  it('asks a function, which may answer later, and takes nothing but yes', async () => {
    for (const [answer, expected] of [
      [true, true],
      ['ci', true],
      [false, 401],
      ['', 401],
      [1, 401],
      [{}, 401],
      [undefined, 401],
    ] as const)
      expect(await answerTo(bearerToken({ verify: () => Promise.resolve(answer as boolean) }), bearer('x'))).toBe(
        expected,
      );
  });

  it.each([
    [{}],
    [{ hashes: [] }],
    [{ hashes: ['abc'] }],
    [{ hashes: {} }],
    [{ hashes: [sha256('x')], verify: () => true }],
  ])('is not made of %j', (options) => {
    expect(() => bearerToken(options as never)).toThrow(/^bearerToken: /);
  });
});

describe('allowIps', () => {
  const guard = allowIps(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', '::1']);

  it.each(['10.255.0.1', '::ffff:10.1.1.1', '192.0.2.7', '2001:db8:1::1', '::1'])('lets %s in', async (ip) => {
    expect(await answerTo(guard, { ip })).toBe(true);
  });

  it.each([
    '11.0.0.1',
    '192.0.2.8',
    '::ffff:11.0.0.1',
    '2001:db9::1',
    '::',
    '::10.0.0.1',
    '64:ff9b::a00:1',
    'localhost',
    '',
    undefined,
  ])('does not let %s in', async (ip) => {
    expect(await answerTo(guard, ip === undefined ? {} : { ip })).toBe(403);
  });

  it.each([
    [[]],
    [['10.0.0.0/33']],
    [['10.0.0.0/x']],
    [['::1/129']],
    [['10.0.0']],
    [['localhost']],
    [['10.0.0.0/8/8']],
  ])('is not made of %j', (networks) => {
    expect(() => allowIps(networks)).toThrow(/^allowIps: /);
  });
});

describe('a client', () => {
  it('is counted by its address; a customer with many IPv6 addresses is one', () => {
    const of = (ip: string): string => peerOf({ method: 'GET', url: '/', headers: {}, ip });
    expect(of('::ffff:10.0.0.1')).toBe('10.0.0.1');
    expect(of('2001:db8:1:2:aaaa::1')).toBe(of('2001:db8:1:2:bbbb:1:2:3'));
    expect(of('2001:db8:1:2::1')).not.toBe(of('2001:db8:1:3::1'));
    expect(of('fe80::1%eth0')).toBe('fe80:0:0:0::/64');
    expect(addressOf({ method: 'GET', url: '/', headers: {}, socket: { remoteAddress: '10.0.0.2' } })).toBe('10.0.0.2');
  });
});

describe('the throttle', () => {
  const wrong = (): Promise<never> => Promise.reject(new UnauthorizedException());

  it('48: remembers no more than so many accounts and peers', async () => {
    const throttle = new Throttle({ entries: 100 });
    for (let i = 0; i < 1000; i++)
      await throttle.attempt(`user${i}`, `10.0.${i >> 8}.${i & 255}`, wrong).catch(() => undefined);
    expect(throttle.size).toBe(100);
  });

  it('48: forgets when the time is up', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const throttle = new Throttle({ failures: 2, seconds: 10 });
      for (let i = 0; i < 2; i++) await expect(throttle.attempt('ada', 'peer', wrong)).rejects.toThrow('Unauthorized');
      await expect(throttle.attempt('ada', 'peer', () => Promise.resolve(1))).rejects.toMatchObject({ status: 429 });
      await expect(throttle.attempt('ada', 'other', () => Promise.resolve(1))).resolves.toBe(1);
      vi.setSystemTime(Date.now() + 11_000);
      await expect(throttle.attempt('ada', 'peer', () => Promise.resolve(1))).resolves.toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });
});

@UseGuards(basicAuth({ users: { ada: 'pass' } }))
@Controller('own')
class GuardedController {
  @Get()
  get(): string {
    return 'own';
  }
}

describe.each(PLATFORMS)('a ready-made guard on %s', (platform) => {
  it("may stand before the application's own routes", async () => {
    const app = await bootApp({ directories: [] }, { platform, controllers: [GuardedController] });
    expect((await app.get('/own')).status).toBe(401);
    const authorization = `Basic ${btoa('ada:pass')}`;
    expect((await app.get('/own', { headers: { authorization } })).status).toBe(200);
  });
});
