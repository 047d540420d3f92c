/** One listener that failed. */
export interface EventFailure {
  readonly event: string;
  /** The plugin whose listener it is; several names where a module of several plugins added it. Not there for one of the application. */
  readonly plugin?: string;
  /** What it threw. */
  readonly thrown: unknown;
}

/** What the listeners of an event gave, in their order, without `undefined` and `null`: a list that also tells which of them failed. */
export type Emitted = readonly unknown[] & { readonly errors: readonly EventFailure[] };

/** A plain list; that it has `errors` as well does not show when it is compared or written out. */
export function emitted(values: readonly unknown[], errors: readonly EventFailure[]): Emitted {
  const list = values.filter((each) => each != null);
  return Object.freeze(Object.defineProperty(list, 'errors', { value: errors })) as unknown as Emitted;
}
