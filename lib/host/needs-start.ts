import { Scope, type DynamicModule, type ScopeOptions } from '@nestjs/common';
import { SCOPE_OPTIONS_METADATA } from '@nestjs/common/internal';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import 'reflect-metadata';

import type { ModuleDefinition } from './shared-imports.js';

/** What decorators of libraries leave behind that look for them once, when the application starts; by the beginning of the key. */
const MARKS: readonly (readonly [prefix: string, what: string])[] = [
  ['websockets:is_gateway', 'a websocket gateway'],
  ['microservices:pattern', 'a message pattern'],
  ['graphql:', 'a GraphQL resolver'],
  ['bullmq:', 'a queue processor'],
  ['bull:', 'a queue processor'],
  ['__commandHandler__', 'a command handler'],
  ['__queryHandler__', 'a query handler'],
  ['__eventsHandler__', 'an events handler'],
  ['__saga__', 'a saga'],
  ['__fastify_route_schema__', 'a route schema'],
];

interface EnhancerProvider {
  readonly scope?: Scope;
  readonly useClass?: unknown;
  readonly useExisting?: unknown;
}

const GLOBAL: ReadonlySet<unknown> = new Set([APP_GUARD, APP_INTERCEPTOR, APP_PIPE, APP_FILTER]);

/**
 * Why modules cannot be loaded into a running application, if so: they bring something that is only looked for at its start.
 * @param definitions a plugin's own module and those it imports; nothing of them runs
 */
export function whyNeedsStart(definitions: Iterable<ModuleDefinition>): string | undefined {
  for (const definition of definitions) {
    for (const entry of entriesOf(definition)) {
      const found = whatNeedsStart(entry);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function entriesOf(definition: ModuleDefinition): unknown[] {
  const dynamic: DynamicModule = 'module' in definition ? definition : { module: definition };
  return ['providers', 'controllers'].flatMap((key) => [
    ...((Reflect.getMetadata(key, dynamic.module) ?? []) as unknown[]),
    ...((Reflect.get(dynamic, key) ?? []) as unknown[]),
  ]);
}

function whatNeedsStart(entry: unknown): string | undefined {
  const provider = Object(entry) as { provide?: unknown; useClass?: unknown };
  if (GLOBAL.has(provider.provide) && isMadePerUse(entry as EnhancerProvider))
    return `what it provides under ${String(provider.provide)} is made for each request, and routes that are there already would not make it`;
  const type = typeof entry === 'function' ? entry : provider.useClass;
  if (typeof type !== 'function') return undefined;
  for (const holder of [type, ...methodsOf(type)]) {
    const keys = (Reflect.getMetadataKeys(holder) as unknown[]).map(String);
    const mark = MARKS.find(([prefix]) => keys.some((key) => key.startsWith(prefix)));
    if (mark) return `${type.name} is ${mark[1]}, which is only looked for when the application starts`;
  }
  return undefined;
}

/** As Nest decides it. */
function isMadePerUse({ scope, useClass, useExisting }: EnhancerProvider): boolean {
  const type = useClass ?? useExisting;
  const declared =
    typeof type === 'function'
      ? (Reflect.getMetadata(SCOPE_OPTIONS_METADATA, type) as ScopeOptions | undefined)
      : undefined;
  return [Scope.REQUEST, Scope.TRANSIENT].includes(scope ?? declared?.scope ?? Scope.DEFAULT);
}

function methodsOf(type: object): object[] {
  const methods: object[] = [];
  for (
    let proto: unknown = Reflect.get(type, 'prototype');
    typeof proto === 'object' && proto !== null && proto !== Object.prototype;
    proto = Object.getPrototypeOf(proto)
  )
    for (const { value } of Object.values(Object.getOwnPropertyDescriptors(proto)) as { value?: unknown }[])
      if (typeof value === 'function') methods.push(value);
  return methods;
}
