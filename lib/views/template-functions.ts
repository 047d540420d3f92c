import { isRecord } from '../extensions/extension-point.js';
import type { AssetTagOptions } from './asset-tags.js';
import type { SlotKind } from './slots.js';
import type { ViewEngine, ViewSetup } from './view-engine.js';

/** What templates ask for, in the words of `PluginView`. */
export interface Emitters {
  emitSlot(name: string, context: Readonly<Record<string, unknown>>, kind: SlotKind): string;
  emitAssets(plugin: string, file: string, options: AssetTagOptions): string;
  emitConfig(name: string): unknown;
  emitEvent(name: string, ...args: readonly unknown[]): string;
}

/** The names that every template can call; no plugin can take them. */
export const FUNCTION_NAMES = ['emit_tep', 'emit_assets', 'emit_config', 'emit_dcp'] as const;

/**
 * The functions of templates, as Flask-PluginKit has them: `emit_tep(slot, typ, **context)`,
 * `emit_assets(plugin, file, _raw, _external)`, `emit_config(name)`, `emit_dcp(event, *args)`. What is named comes as a last object.
 */
export function templateFunctions(emit: Emitters, markSafe: ViewEngine['markSafe']): ViewSetup['functions'] {
  const functions: Record<(typeof FUNCTION_NAMES)[number], (...args: readonly unknown[]) => unknown> = {
    emit_tep: (slot, ...rest) => {
      const { typ, ...context } = namedOf(rest);
      return markSafe(emit.emitSlot(text(slot), context, slotKind(isRecord(rest[0]) ? typ : (rest[0] ?? typ))));
    },
    emit_assets: (...args) => {
      const [plugin, file, first, second] = args.filter((arg) => !isRecord(arg));
      const {
        plugin_name,
        filename,
        _raw = first,
        _external = second,
        raw = _raw,
        absolute = _external,
      } = namedOf(args);
      const how = { raw: Boolean(raw), absolute: Boolean(absolute) };
      return markSafe(emit.emitAssets(text(plugin ?? plugin_name), text(file ?? filename), how));
    },
    emit_config: (name) => emit.emitConfig(text(name)),
    emit_dcp: (event, ...args) => markSafe(emit.emitEvent(text(event), ...args)),
  };
  return functions;
}

function namedOf(args: readonly unknown[]): Record<string, unknown> {
  const last = args.at(-1);
  return isRecord(last) ? last : {};
}

function text(value: unknown): string {
  if (value instanceof String) return value.toString(); // what nunjucks marks as safe
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** The original's words, too. */
function slotKind(value: unknown): SlotKind {
  const kind = text(value);
  if (kind === 'file' || kind === 'fil') return 'file';
  return kind === 'inline' || kind === 'cod' ? 'inline' : 'all';
}
