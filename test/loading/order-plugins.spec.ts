import { candidateFrom, type Candidate } from '#lib/loading/candidate.js';
import { orderPlugins } from '#lib/loading/order-plugins.js';
import { describe, expect, it } from 'vitest';

interface Spec {
  readonly dependsOn?: Record<string, string>;
  readonly loadAfter?: string[];
  readonly version?: string;
  readonly isOff?: boolean;
}

function candidate(name: string, { isOff = false, ...metadata }: Spec): Candidate {
  const made = candidateFrom({ origin: 'inline', name, definition: { register: () => ({}) } });
  made.metadata = { name, author: 'Ada', version: '1.0.0', ...metadata };
  made.isOff = isOff;
  return made;
}

function order(specs: Record<string, Spec>): { order: string[]; errors: Record<string, string> } {
  const ordered = orderPlugins(Object.entries(specs).map(([name, spec]) => candidate(name, spec)));
  return {
    order: ordered.map(({ name }) => name),
    errors: Object.fromEntries(
      ordered.flatMap(({ name, error }) => (error ? [[name, `${error.code} ${error.message}`]] : [])),
    ),
  };
}

describe('the order of plugins', () => {
  it('is by name, whatever order they were found in', () => {
    expect(order({ b: {}, C: {}, a: {}, 'a.b': {}, 'a-b': {} }).order).toEqual(['a', 'a-b', 'a.b', 'b', 'C']);
  });

  it('puts dependencies first, and otherwise stays by name', () => {
    expect(order({ a: { dependsOn: { z: '*' } }, m: {}, z: { dependsOn: { y: '*' } }, y: {} }).order).toEqual([
      'y',
      'z',
      'a',
      'm',
    ]);
  });

  it('puts those of loadAfter first when they are there, and takes no circle of wishes amiss', () => {
    expect(order({ a: { loadAfter: ['c', 'nobody'] }, b: {}, c: {} })).toEqual({ order: ['c', 'a', 'b'], errors: {} });
    expect(order({ a: { loadAfter: ['b'] }, b: { loadAfter: ['a'] } }).errors).toEqual({});
    expect(order({ a: { loadAfter: ['b'] }, b: { dependsOn: { a: '*' } } })).toMatchObject({
      order: ['a', 'b'],
      errors: {},
    });
  });

  it('compares names without regard to case', () => {
    expect(order({ Shop: {}, basket: { dependsOn: { sHOP: '^1.0.0' } } })).toEqual({
      order: ['Shop', 'basket'],
      errors: {},
    });
  });

  it('tells what is missing, off, or of another version, and fails only those that are concerned', () => {
    const { errors } = order({
      good: { dependsOn: { base: '^1.0.0' } },
      base: {},
      'needs-nobody': { dependsOn: { nobody: '^1.0.0' } },
      'needs-off': { dependsOn: { off: '*' } },
      off: { isOff: true },
      'needs-newer': { dependsOn: { base: '^2.0.0' } },
      'needs-needy': { dependsOn: { 'needs-newer': '*' } },
    });

    expect(errors).toEqual({
      'needs-nobody': expect.stringMatching(/^DEPENDENCY_MISSING .*nobody \^1\.0\.0/),
      'needs-off': expect.stringMatching(/^DEPENDENCY_DISABLED .*off/),
      'needs-newer': expect.stringMatching(/^DEPENDENCY_VERSION .*base \^2\.0\.0, there is 1\.0\.0/),
      'needs-needy': expect.stringMatching(/^DEPENDENCY_FAILED .*needs-newer: DEPENDENCY_VERSION/),
    });
  });

  it('names the members of a circle, and fails as members only them', () => {
    const { errors } = order({
      a: { dependsOn: { b: '*' } },
      b: { dependsOn: { c: '*' } },
      c: { dependsOn: { a: '*' } },
      before: { dependsOn: { a: '*' } },
      apart: {},
      self: { dependsOn: { self: '*' } },
    });

    expect(Object.keys(errors)).toHaveLength(5);
    for (const member of ['a', 'b', 'c']) expect(errors[member]).toMatch(/^DEPENDENCY_CYCLE .*\(a -> b -> c -> a\)/);
    expect(errors['before']).toMatch(/^DEPENDENCY_FAILED/);
    expect(errors['self']).toMatch(/^DEPENDENCY_CYCLE .*\(self -> self\)/);
  });

  it('finds every member of circles that share plugins', () => {
    const { errors } = order({
      a: { dependsOn: { b: '*', c: '*' } },
      b: { dependsOn: { d: '*' } },
      c: { dependsOn: { d: '*' } },
      d: { dependsOn: { a: '*' } },
    });

    for (const member of ['a', 'b', 'c', 'd']) expect(errors[member]).toMatch(/^DEPENDENCY_CYCLE/);
  });

  it('takes a chain of 2000 plugins', () => {
    const specs = Object.fromEntries(
      Array.from({ length: 2000 }, (_, n) => [`p${n}`, n === 1999 ? {} : { dependsOn: { [`p${n + 1}`]: '^1.0.0' } }]),
    );

    const result = order(specs);

    expect(result.errors).toEqual({});
    expect(result.order.slice(0, 3)).toEqual(['p1999', 'p1998', 'p1997']);
  });
});
