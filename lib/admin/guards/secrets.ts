import { createHash, timingSafeEqual } from 'node:crypto';

/** Of one length whatever the secret is, so that comparing tells nothing about it. */
export function digest(secret: string): Buffer {
  return createHash('sha256').update(secret, 'utf8').digest();
}

/** A digest from 64 hexadecimal digits, as `sha256sum` prints them; `undefined` for anything else. */
export function digestFromHex(hex: unknown): Buffer | undefined {
  return typeof hex === 'string' && /^[0-9a-f]{64}$/i.test(hex) ? Buffer.from(hex, 'hex') : undefined;
}

/** Compares in a time that does not depend on where they differ. */
export function isEqual(a: Buffer, b: Buffer): boolean {
  return timingSafeEqual(a, b);
}
