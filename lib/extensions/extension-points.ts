import { controllersPoint, type ControllersContribution } from './controllers.extension.js';
import { exportsPoint, type ExportsContribution } from './exports.extension.js';
import { errorHandlersPoint, type ErrorHandlersContribution } from './error-handlers.extension.js';
import type { ExtensionPoint } from './extension-point.js';
import { extensionsPoint, type ExtensionsContribution } from './extensions.extension.js';
import { hooksPoint, type HooksContribution } from './hooks.extension.js';
import { importsPoint, type ImportsContribution } from './imports.extension.js';
import { middlewarePoint, type MiddlewareContribution } from './middleware.extension.js';
import { modulePoint, type ModuleContribution } from './module.extension.js';
import { parentPoint, type ParentContribution } from './parent.extension.js';
import { prefixPoint, type PrefixContribution } from './prefix.extension.js';
import { providersPoint, type ProvidersContribution } from './providers.extension.js';
import { routesPoint, type RoutesContribution } from './routes.extension.js';
import { slotsPoint, type SlotsContribution } from './slots.extension.js';
import { transformsPoint, type TransformsContribution } from './transforms.extension.js';
import { viewContextPoint, type ViewContextContribution } from './view-context.extension.js';
import { viewFiltersPoint, type ViewFiltersContribution } from './view-filters.extension.js';

/** Everything that a plugin can add: what `register()` may return. */
export interface Contributions
  extends
    ImportsContribution,
    ControllersContribution,
    ProvidersContribution,
    ExportsContribution,
    ModuleContribution,
    PrefixContribution,
    ParentContribution,
    RoutesContribution,
    MiddlewareContribution,
    HooksContribution,
    ErrorHandlersContribution,
    SlotsContribution,
    ViewFiltersContribution,
    ViewContextContribution,
    TransformsContribution,
    ExtensionsContribution {}

/** Every extension point, in the order in which they are read. */
export const extensionPoints: readonly ExtensionPoint[] = [
  importsPoint,
  controllersPoint,
  providersPoint,
  exportsPoint,
  modulePoint,
  prefixPoint,
  parentPoint,
  routesPoint,
  middlewarePoint,
  hooksPoint,
  errorHandlersPoint,
  slotsPoint,
  viewFiltersPoint,
  viewContextPoint,
  transformsPoint,
  extensionsPoint,
];
