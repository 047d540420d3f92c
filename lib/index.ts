// The public API, by name. lib itself never imports this file.

// For applications
export { PluginKitModule } from './plugin-kit.module.js';
export type { PluginKitOptions } from './plugin-kit.options.js';
export { PluginRegistry, type UncaughtErrors } from './registry/plugin.registry.js';
export type { PluginChange, StateChange, StateChangePreview } from './registry/state-change.js';
export { PluginEvents, type ListenOptions, type PluginEventMap } from './events/plugin-events.js';
export type { Emitted, EventFailure } from './events/emitted.js';
export { createExtensionPoint, type ExtensionPoints, type TypedPoint } from './extensions/typed-points.js';
export { PluginView } from './views/plugin-view.js';
export type { AssetTagOptions } from './views/asset-tags.js';
export type { SlotKind } from './views/slots.js';
export type { ViewOptions, ViewSettings } from './views/view-options.js';
export type { TemplateSource, ViewEngine, ViewEnvironment, ViewSetup } from './views/view-engine.js';
export { ReloadService } from './reload/reload.service.js';
export type { ReloadOptions } from './reload/reload-options.js';
export type { HealthCheck } from './reload/worker-health.js';
export type { ReloadFault, ReloadPhase, ReloadStatus, ReloadTicket } from './reload/reload-ticket.js';
export type { BootMilliseconds, BootReport, ReportedPlugin } from './registry/boot-report.js';
export { allowIps } from './admin/guards/allow-ips.js';
export { basicAuth, type BasicAuthOptions } from './admin/guards/basic-auth.js';
export { bearerToken, type BearerTokenOptions } from './admin/guards/bearer-token.js';
export { PluginKitHealthIndicator } from './admin/plugin-kit.health.js';
export type { AdminOptions } from './admin/admin.options.js';

// For plugins
export { definePlugin, type AuthoredPlugin as PluginDefinition } from './extensions/define-plugin.js';
export { Extension } from './extensions/extension.decorator.js';
export { ordered, type ExtensionOrder, type Ordered } from './extensions/extension-order.js';
export type { Transforms } from './extensions/transforms.extension.js';
export type { OnPluginDisable, OnPluginEnable } from './host/switch-hooks.js';
export { PluginMetadata } from './plugin/plugin-metadata.js';
export type { Engines } from './plugin/plugin-definition.js';
export type { Contributions } from './extensions/extension-points.js';
export type { Route } from './extensions/routes.extension.js';
export type { Middleware, MiddlewareRoute, RoutedMiddleware } from './extensions/middleware.extension.js';
export type { RequestHooks } from './extensions/hooks.extension.js';
export type {
  AnswerHeaders,
  HttpRequest,
  HttpResponse,
  MatchedRoute,
  RequestAnswer,
  RequestContext,
} from './extensions/request-context.js';
export type { ErrorHandler, ErrorHandlerEntry } from './extensions/error-handlers.extension.js';
export type { SlotEntry } from './extensions/slots.extension.js';
export type { ViewContext } from './extensions/view-context.extension.js';
export type { ViewFilter } from './extensions/view-filters.extension.js';

// What a plugin is
export type {
  DisabledPlugin,
  EnabledPlugin,
  FailedPlugin,
  Plugin,
  PluginMilliseconds,
  PluginOrigin,
  PluginState,
} from './plugin/plugin.js';
export {
  PluginError,
  PLUGIN_ERROR_CODES,
  type PluginErrorCode,
  type PluginErrorDetails,
} from './plugin/plugin-error.js';
export type { Notice } from './discovery/plugin-source.js';
