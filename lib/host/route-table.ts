import { RequestMethod, VERSION_NEUTRAL, VersioningType, type VersioningOptions } from '@nestjs/common';
import { HOST_METADATA, PATH_METADATA, VERSION_METADATA } from '@nestjs/common/internal';
import { MetadataScanner, type ApplicationConfig, type HttpAdapterHost } from '@nestjs/core';
import { PathsExplorer } from '@nestjs/core/router/paths-explorer.js';
import { RoutePathFactory } from '@nestjs/core/router/route-path-factory.js';
import 'reflect-metadata';

import { modulePathOf } from './module-paths.js';
import type { NestModule } from './nest-internals.js';

/** One route as the application will serve it. */
export interface RouteEntry {
  readonly method: RequestMethod;
  /** With global prefix, version and module path; parameters by their names. */
  readonly path: string;
  /** Equal for two paths that match the same requests but for the names of their parameters. */
  readonly shape: string;
  /** The versions it answers to where a header or the like tells them; `undefined` for any. */
  readonly versions: readonly string[] | undefined;
  /** The host names it answers to; `undefined` for any. */
  readonly hosts: readonly (string | RegExp)[] | undefined;
  /** `ShopController.list` */
  readonly handler: string;
  /** The shape below which everything belongs to the same owner. */
  readonly reserves?: string;
}

/**
 * The mark on a controller in which plugins have no part: their guards and interceptors of the whole application do not stand
 * before it, and all paths below one of its catch-all routes are kept from them.
 */
export const APART_FROM_PLUGINS = 'nestjs-pluginkit:apart-from-plugins';

/** Works out the routes of modules before Nest registers any, with Nest's own path factory. */
export class RouteTable {
  readonly #paths: RoutePathFactory;
  readonly #explorer = new PathsExplorer(new MetadataScanner());
  readonly #ignoresCase: boolean;

  constructor(
    private readonly config: ApplicationConfig,
    private readonly host: HttpAdapterHost,
    private readonly applicationId: string,
  ) {
    this.#paths = new RoutePathFactory(config);
    this.#ignoresCase = host.httpAdapter.getType() === 'express' && !isOn(host, 'case sensitive routing');
  }

  /** The routes of one module's controllers; throws what Nest would throw for a controller or a path that it cannot read. */
  routesOf(module: NestModule): RouteEntry[] {
    return [...module.controllers.values()].flatMap(({ metatype, instance }) => {
      const controller = metatype as (new () => object) | null; // null only for values, which are no controllers
      return controller ? this.#routesOfController(controller, instance, modulePathOf(module, this.applicationId)) : [];
    });
  }

  /** The same, without those of a controller that Nest will refuse. */
  readRoutesOf(module: NestModule): RouteEntry[] {
    try {
      return this.routesOf(module);
    } catch {
      return [];
    }
  }

  #routesOfController(controller: new () => object, instance: object, modulePath: string | undefined): RouteEntry[] {
    const versioning = this.config.getVersioning();
    const declared = listOf(read<unknown>(PATH_METADATA, controller));
    if (declared.length === 0 || !declared.every((each) => typeof each === 'string'))
      throw new TypeError(`${controller.name} has no path that is text`);
    const hosts = read<string | RegExp | (string | RegExp)[]>(HOST_METADATA, controller);
    const isReserving = read<boolean>(APART_FROM_PLUGINS, controller) ?? false;
    const controllerVersion =
      versioning &&
      (read<NonNullable<VersioningOptions['defaultVersion']>>(VERSION_METADATA, controller) ??
        versioning.defaultVersion);
    return this.#explorer
      .scanForPaths(instance, controller.prototype as object)
      .flatMap(({ path, requestMethod, methodName, version }) =>
        declared.flatMap((ctrlPath) =>
          path.flatMap((methodPath) =>
            this.#paths
              .create(
                {
                  ctrlPath: `/${ctrlPath.replace(/^\//, '')}`,
                  methodPath,
                  globalPrefix: withSlash(this.config.getGlobalPrefix()),
                  ...(modulePath !== undefined && { modulePath }),
                  ...(version !== undefined && { methodVersion: version }),
                  ...(controllerVersion !== undefined && { controllerVersion }),
                  ...(versioning && { versioningOptions: versioning }),
                },
                requestMethod,
              )
              .map((full) => this.host.httpAdapter.normalizePath(full))
              .map((full) => ({ full, shape: this.#shapeOf(full) }))
              .map(({ full, shape }) => ({
                method: knownMethod(requestMethod, `${controller.name}.${methodName}`),
                path: full,
                shape,
                ...(isReserving && shape.endsWith('/*') && { reserves: shape.slice(0, -2) }),
                versions: versionsOf(versioning, version ?? controllerVersion),
                hosts: hosts === undefined ? undefined : listOf(hosts),
                handler: `${controller.name}.${methodName}`,
              })),
          ),
        ),
      );
  }

  /** Parameter names do not matter, nor does a slash at the end, nor on Express the case of what is no parameter. */
  #shapeOf(path: string): string {
    const nameless = path
      .replace(/:(?:"[^"]*"|[\p{ID_Continue}$]+)/gu, ':')
      .replace(/\*(?:"[^"]*"|[\p{ID_Continue}$]+)?/gu, '*')
      .replace(/(.)\/$/, '$1');
    return this.#ignoresCase ? nameless.toLowerCase() : nameless;
  }
}

/** Nest would take any other for middleware of everything. */
function knownMethod(method: RequestMethod, handler: string): RequestMethod {
  if (METHODS.has(method)) return method;
  throw new TypeError(`${handler} has no HTTP method of RequestMethod`);
}

const METHODS: ReadonlySet<unknown> = new Set(
  Object.values(RequestMethod).filter((value) => typeof value === 'number'),
);

/** Whether two routes of one shape can be meant by the same request. */
export function collide(a: RouteEntry, b: RouteEntry): boolean {
  return methodsCollide(a.method, b.method) && overlap(a.versions, b.versions) && overlap(a.hosts, b.hosts);
}

/** `first` comes first: a GET route answers HEAD as well, so that a HEAD route behind it is never reached. */
function methodsCollide(first: RequestMethod, second: RequestMethod): boolean {
  return (
    first === second ||
    first === RequestMethod.ALL ||
    second === RequestMethod.ALL ||
    (first === RequestMethod.GET && second === RequestMethod.HEAD)
  );
}

function overlap(a: readonly unknown[] | undefined, b: readonly unknown[] | undefined): boolean {
  return !a || !b || a.some((each) => b.some((other) => String(each) === String(other)));
}

/** A version in the path is told by the path; without versioning, Nest passes versions by. */
function versionsOf(versioning: VersioningOptions | undefined, version: unknown): readonly string[] | undefined {
  if (!versioning || versioning.type === VersioningType.URI || version === undefined) return undefined;
  const versions = listOf(version);
  return versions.includes(VERSION_NEUTRAL) ? undefined : versions.map(String);
}

function isOn({ httpAdapter }: HttpAdapterHost, setting: string): boolean {
  const express = httpAdapter.getInstance<{ enabled?: (setting: string) => boolean }>();
  return express.enabled?.(setting) ?? false;
}

function withSlash(prefix: string): string {
  return prefix === '' || prefix.startsWith('/') ? prefix : `/${prefix}`;
}

function read<T>(key: string, target: object): T | undefined {
  return Reflect.getMetadata(key, target) as T | undefined;
}

function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
