/** Media types whose body is handed out as text. */
const TEXT = /^(?:text\/|application\/(?:[\w.+-]+\+)?(?:json|xml|javascript|x-www-form-urlencoded)\b|image\/svg\+xml)/i;

/** What is to be sent, as text where it is text and as bytes otherwise; `undefined` where nothing is. */
export function readableBody(chunk: unknown, encoding: BufferEncoding, type: unknown): string | Buffer | undefined {
  if (chunk === undefined || chunk === null) return undefined;
  const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk as Uint8Array);
  return TEXT.test(String(type)) ? bytes.toString() : bytes;
}
