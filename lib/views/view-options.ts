import path from 'node:path';

import { isRecord } from '../extensions/extension-point.js';
import type { ViewFilter } from '../extensions/view-filters.extension.js';
import type { ViewEngine } from './view-engine.js';

/** How pages are rendered. */
export interface ViewSettings {
  /** Its package must be installed beside this one; or an engine of one's own. @default 'nunjucks' */
  engine?: 'nunjucks' | 'eta' | ViewEngine;
  /** Folders of the application's templates, relative to the working directory. @default what `setBaseViewsDir()` was told on Express, else ['views'] */
  folders?: readonly string[];
  /** Filters of the application's own, by name. Plugins cannot replace them. @default {} */
  filters?: Readonly<Record<string, ViewFilter>>;
  /** Whether templates are read once, until plugins change; else each time, for work on them. @default true */
  cache?: boolean;
}

/** The options for pages and files. */
export interface ViewOptions {
  /** How pages are rendered. */
  views?: ViewSettings;
  /** The path below which the folders `static` of plugins are served, by plugin. @default '/assets' */
  assetsPath?: string;
  /** Where the application is reached from outside, for whole addresses: `https://example.org`. @default what the request tells */
  baseUrl?: string;
  /** Values that templates read by `emit_config(name)`. @default {} */
  config?: Readonly<Record<string, unknown>>;
}

/** The same with every default filled in. */
export interface ResolvedViewOptions {
  readonly views: Required<Omit<ViewSettings, 'folders'>> & {
    /** Absolute; none where the application did not name any. */
    readonly folders?: readonly string[];
    /** Whether the application said anything about views. */
    readonly isGiven: boolean;
  };
  readonly assetsPath: string;
  readonly baseUrl?: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** The injection token of the {@link ResolvedViewOptions}. */
export const VIEW_OPTIONS = Symbol('nestjs-pluginkit:view-options');

/**
 * Fills in the defaults, and checks what the application passed.
 * @throws TypeError naming the option
 */
export function resolveViewOptions({
  views,
  assetsPath = '/assets',
  baseUrl,
  config = {},
}: ViewOptions): ResolvedViewOptions {
  if (!isRecord(views ?? {})) throw wrongOption('views', 'an object');
  const { engine = 'nunjucks', folders, filters = {}, cache = true } = views ?? {};
  if (typeof engine === 'string' ? !['nunjucks', 'eta'].includes(engine) : !isEngine(engine))
    throw wrongOption('views.engine', "'nunjucks', 'eta' or a ViewEngine");
  if (
    folders !== undefined &&
    !(Array.isArray(folders) && folders.every((each) => typeof each === 'string' && each !== ''))
  )
    throw wrongOption('views.folders', 'a list of texts');
  if (!isRecord(filters) || !Object.values(filters).every((each) => typeof each === 'function'))
    throw wrongOption('views.filters', 'an object of functions');
  if (typeof cache !== 'boolean') throw wrongOption('views.cache', 'true or false');
  if (typeof assetsPath !== 'string' || !isPath(assetsPath))
    throw wrongOption(
      'assetsPath',
      'a path as "/assets": it begins with "/" and does not end with it, without "//", blanks and special characters',
    );
  if (baseUrl !== undefined && !isBaseUrl(baseUrl))
    throw wrongOption('baseUrl', 'an http or https URL without query, as "https://example.org"');
  if (!isRecord(config)) throw wrongOption('config', 'an object');
  return {
    views: {
      engine,
      filters,
      cache,
      isGiven: views !== undefined,
      ...(folders && { folders: (folders as readonly string[]).map((folder) => path.resolve(folder)) }),
    },
    assetsPath,
    config,
    ...(baseUrl !== undefined && { baseUrl: baseUrl.replace(/\/+$/, '') }),
  };
}

function isEngine(value: unknown): boolean {
  return (
    isRecord(value) &&
    typeof value['createEnvironment'] === 'function' &&
    typeof value['markSafe'] === 'function' &&
    Array.isArray(value['extensions'])
  );
}

function isPath(value: string): boolean {
  return /^(?:\/[\w.~@+-]+)+$/.test(value) && !value.split('/').some((segment) => segment === '.' || segment === '..');
}

function isBaseUrl(value: unknown): boolean {
  if (typeof value !== 'string' || /["'<>\s?#]/.test(value) || !URL.canParse(value)) return false;
  return ['http:', 'https:'].includes(new URL(value).protocol);
}

function wrongOption(name: string, expected: string): TypeError {
  return new TypeError(`PluginKitModule: the option "${name}" must be ${expected}.`);
}
