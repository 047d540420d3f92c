// The public API, by name. lib itself never imports this file.

// For applications
export { PluginKitModule } from './plugin-kit.module.js';
export type { PluginKitOptions } from './plugin-kit.options.js';
export { PluginRegistry, type UncaughtErrors } from './registry/plugin.registry.js';
export type { PluginChange, StateChange, StateChangePreview } from './registry/plugin-switch.js';
export { ReloadService } from './reload/reload.service.js';
export type { ReloadFault, ReloadPhase, ReloadStatus, ReloadTicket } from './reload/reload-ticket.js';
export type { BootMilliseconds, BootReport, ReportedPlugin } from './registry/boot-report.js';

// For plugins
export { definePlugin, type AuthoredPlugin as PluginDefinition } from './extensions/define-plugin.js';
export type { OnPluginDisable, OnPluginEnable } from './host/switch-hooks.js';
export { PluginMetadata } from './plugin/plugin-metadata.js';
export type { Engines } from './plugin/plugin-definition.js';
export type { Contributions } from './extensions/extension-points.js';
export type { Route } from './extensions/routes.extension.js';

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
