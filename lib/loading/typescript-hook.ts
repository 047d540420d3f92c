import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import type { Options, Output } from '@swc/core';

/** Whom to help: everything below these folders, without the packages in them. */
export interface TypeScriptFolders {
  /** URLs of folders, each with a slash at its end. */
  readonly prefixes: readonly string[];
  /** The file of @swc/core. */
  readonly swc: string;
}

interface Context {
  readonly parentURL?: string | undefined;
}
type Next<C> = (specifier: string, context: C) => unknown;

/** One entry for each time the hook was registered; this module lives as long as the thread. */
const registered: TypeScriptFolders[] = [];

/** Is told by `module.register()`, or directly, whom to help. */
export function initialize(folders: TypeScriptFolders): void {
  registered.push(folders);
}

/** In TypeScript `./shop.js` is written for `./shop.ts`. */
export function resolve<C extends Context>(specifier: string, context: C, next: Next<C>): unknown {
  return next(sourceOf(specifier, context.parentURL) ?? specifier, context);
}

/** Hands Node.js the JavaScript of a TypeScript file. */
export function load<C>(url: string, context: C, next: Next<C>): unknown {
  const [plain = url] = url.split(/[?#]/);
  const folders = folderOf(plain);
  if (!folders || !/\.m?ts$/.test(plain)) return next(url, context);
  return { format: 'module', source: toJavaScript(fileURLToPath(plain), folders.swc), shortCircuit: true };
}

function folderOf(url: string | undefined): TypeScriptFolders | undefined {
  return registered.find(({ prefixes }) =>
    prefixes.some((prefix) => url?.startsWith(prefix) && !url.slice(prefix.length).includes('node_modules/')),
  );
}

function sourceOf(specifier: string, parentUrl: string | undefined): string | undefined {
  if (!/^\.\.?\/.*\.m?js$/.test(specifier) || !folderOf(parentUrl) || !/\.m?ts(?:[?#]|$)/.test(parentUrl ?? ''))
    return undefined;
  if (existsSync(new URL(specifier, parentUrl))) return undefined;
  const source = specifier.replace(/js$/, 'ts');
  return existsSync(new URL(source, parentUrl)) ? source : undefined;
}

/** As the compiler of TypeScript does it for Nest: types of constructor parameters are kept for injection. */
const OPTIONS: Options = {
  swcrc: false,
  configFile: false,
  sourceMaps: 'inline',
  isModule: true,
  module: { type: 'es6' },
  jsc: {
    target: 'es2022',
    keepClassNames: true,
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
  },
};

function toJavaScript(file: string, swc: string): string {
  const { transformSync } = createRequire(import.meta.url)(swc) as {
    transformSync(this: void, source: string, options: Options): Output;
  };
  return transformSync(readFileSync(file, 'utf8'), { ...OPTIONS, filename: file }).code;
}
