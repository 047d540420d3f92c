/** Puts together what listeners returned, as HTML: texts and lists of them one behind the other; what is nothing is left out. */
export function joinEmitted(values: unknown): string {
  if (Array.isArray(values)) return (values as unknown[]).map(joinEmitted).join('');
  if (typeof values === 'string') return values;
  if (values instanceof String) return values.toString();
  if (values instanceof Uint8Array) return Buffer.from(values).toString('utf8');
  return typeof values === 'number' || typeof values === 'bigint' ? String(values) : '';
}
