import { RequestMethod, type Type } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/internal';
import { MetadataScanner } from '@nestjs/core';
import { PathsExplorer } from '@nestjs/core/router/paths-explorer.js';
import 'reflect-metadata';

/** A route as its controller declares it, without prefixes and versions of an application. */
export interface DeclaredRoute {
  readonly method: string;
  readonly path: string;
  /** Equal for two paths that match the same requests but for the names of their parameters. */
  readonly shape: string;
  /** `ShopController.list` */
  readonly handler: string;
}

/** Reads the routes of controllers from their decorators: nothing is instantiated. */
export function declaredRoutes(controllers: readonly Type[], prefix: string): DeclaredRoute[] {
  const explorer = new PathsExplorer(new MetadataScanner());
  return controllers.flatMap((controller) => {
    const prototype = controller.prototype as object;
    const declared = [Reflect.getMetadata(PATH_METADATA, controller) as string | string[]].flat();
    return explorer
      .scanForPaths(prototype, prototype)
      .flatMap(({ path, requestMethod, methodName }) =>
        declared.flatMap((first) =>
          path.map((second) => routeOf(requestMethod, [prefix, first, second], `${controller.name}.${methodName}`)),
        ),
      );
  });
}

function routeOf(method: RequestMethod, parts: readonly string[], handler: string): DeclaredRoute {
  const path = `/${parts
    .flatMap((part) => part.split('/'))
    .filter(Boolean)
    .join('/')}`;
  return { method: RequestMethod[method], path, shape: path.replace(/:[^/]+/g, ':').toLowerCase(), handler };
}
