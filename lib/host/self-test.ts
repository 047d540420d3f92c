import { createRequire } from 'node:module';

import type { AbstractHttpAdapter, LazyModuleLoader, ModulesContainer } from '@nestjs/core';

import { describeThrown } from '../plugin/printable.js';
import type { ModuleUnit } from './installed-plugin.js';
import { containerOf, internalsOf } from './nest-internals.js';
import type { PlatformGate } from './platform-gate.js';

/** A part of Nest or of a platform that this library leans on without being promised it, and what must do without it. */
interface Seam {
  readonly name: string;
  readonly feature: 'switch' | 'load';
  /** @throws Error when it is not as it is expected to be */
  prove(): void;
}

/** Why a feature must wait for the next start, where a seam does not hold. */
export type Fallbacks = Partial<Record<Seam['feature'], string>>;

/** What is there to prove the seams on. */
export interface Ground {
  readonly adapter: AbstractHttpAdapter;
  readonly loader: LazyModuleLoader;
  readonly modules: ModulesContainer;
  /** The modules of plugins that have routes. */
  readonly withRoutes: readonly ModuleUnit[];
  readonly gate: PlatformGate;
}

/**
 * Proves each seam once, when all routes are registered. One that does not hold costs a feature, never a wrong answer.
 * @param report is told of each that does not hold
 */
export function proveSeams(ground: Ground, report: (text: string) => void): Fallbacks {
  const fallbacks: Fallbacks = {};
  for (const seam of seamsOf(ground)) {
    const { feature } = seam;
    try {
      seam.prove();
    } catch (thrown) {
      const why = `${seam.name}: ${describeThrown(thrown)}`;
      fallbacks[feature] ??= `this version of NestJS or of its platform is not known (${why})`;
      report(why);
    }
  }
  // What cannot be switched cannot be loaded either.
  if (fallbacks.switch !== undefined) fallbacks.load ??= fallbacks.switch;
  return fallbacks;
}

function seamsOf({ adapter, loader, modules, withRoutes, gate }: Ground): Seam[] {
  const platform = adapter.getType();
  return [
    {
      name: 'handlers keep the metadata of their methods',
      feature: 'switch',
      prove: () => {
        const missing = withRoutes.find((unit) => !gate.seen.has(unit));
        if (missing) throw new Error(`no route of ${missing.module.metatype.name} was recognised`);
      },
    },
    ...(platform === 'express'
      ? [{ name: 'the stack of a router', feature: 'switch', prove: proveStack } as const]
      : []),
    {
      name: 'modules can be taken out of the container',
      feature: 'load',
      prove: () => {
        const { dependenciesScanner, moduleCompiler } = internalsOf(loader);
        expectMethod(dependenciesScanner, 'removeModules');
        expectMethod(moduleCompiler, 'compile');
        expectMethod(containerOf(modules), 'getModules');
      },
    },
    ...(platform === 'fastify'
      ? [
          { name: 'the constraints of routes', feature: 'switch', prove: () => gate.prove?.() } as const,
          {
            name: 'the paths of the Fastify adapter',
            feature: 'load',
            prove: () => {
              expectMethod(adapter, 'createPathMatcher');
              if (typeof Reflect.get(adapter, 'versionConstraint') !== 'object')
                throw new Error('no versionConstraint');
            },
          } as const,
        ]
      : []),
  ];
}

interface ProbeRouter {
  stack: unknown[];
  get(path: string, handler: (...args: never[]) => void): void;
  handle(request: object, response: object, done: () => void): void;
}

/** Express must walk through the array that is the stack when a request comes, to its end, and through another one from the next on. */
function proveStack(): void {
  const fromPlatform = createRequire(createRequire(import.meta.url).resolve('@nestjs/platform-express'));
  const express = fromPlatform('express') as { Router(): ProbeRouter };
  const router = express.Router();
  const calls: string[] = [];
  router.get('/probe', (_request: unknown, _response: unknown, next: () => void) => {
    calls.push('first');
    router.stack = [];
    next();
  });
  router.get('/probe', () => calls.push('second'));
  const ask = (): void => router.handle({ method: 'GET', url: '/probe' }, {}, () => undefined);
  ask();
  ask(); // finds an empty stack
  if (calls.join(' ') !== 'first second') throw new Error(`it was walked through as: ${calls.join(', ')}`);
}

function expectMethod(owner: object, name: string): void {
  if (typeof Reflect.get(owner, name) !== 'function') throw new Error(`there is no ${name}()`);
}
