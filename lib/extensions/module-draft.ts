import type { DynamicModule, ModuleMetadata, Provider, Type } from '@nestjs/common';

import type { ErrorHandlerEntry } from './error-handlers.extension.js';
import type { ExtensionEntry } from './extension-order.js';
import type { RequestHooks } from './hooks.extension.js';
import type { AppliedMiddleware } from './middleware.extension.js';
import type { Route } from './routes.extension.js';
import type { SlotPiece } from './slots.extension.js';
import type { PluginTransforms } from './transforms.extension.js';
import type { ViewContext } from './view-context.extension.js';
import type { ViewFilter } from './view-filters.extension.js';

/** One entry of the `imports` of a Nest module. */
export type ModuleImport = NonNullable<ModuleMetadata['imports']>[number];
/** One entry of the `exports` of a Nest module. */
export type ModuleExport = NonNullable<ModuleMetadata['exports']>[number];

/** What a plugin's Nest module is built from: each extension point adds its part. */
export interface ModuleDraft {
  readonly imports: ModuleImport[];
  readonly controllers: Type[];
  readonly providers: Provider[];
  readonly exports: ModuleExport[];
  readonly routes: Route[];
  readonly middleware: AppliedMiddleware[];
  readonly errorHandlers: ErrorHandlerEntry[];
  /** The plugin's values for extension points of the application, by point. */
  readonly extensions: Map<string, readonly ExtensionEntry[]>;
  /** The instances of its classes that `@Extension()` marks, by point; known when its module is loaded. */
  readonly provided: Map<string, readonly ExtensionEntry[]>;
  /** What it makes of what other plugins contribute. */
  readonly transforms: PluginTransforms[];
  /** What it puts into slots of pages, by slot. */
  readonly slots: Map<string, SlotPiece>;
  /** Its filters for templates, by name. */
  readonly viewFilters: Map<string, ViewFilter>;
  /** Its values for templates. */
  viewContext?: ViewContext;
  /** The plugin's own module, where it brings one instead of the four lists. */
  module?: Type | DynamicModule;
  hooks?: RequestHooks;
  prefix?: string;
  parent?: string;
}

/** An empty one. */
export function newDraft(): ModuleDraft {
  return {
    imports: [],
    controllers: [],
    providers: [],
    exports: [],
    routes: [],
    middleware: [],
    errorHandlers: [],
    extensions: new Map(),
    provided: new Map(),
    transforms: [],
    slots: new Map(),
    viewFilters: new Map(),
  };
}
