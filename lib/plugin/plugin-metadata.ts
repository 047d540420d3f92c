import { IsOptional, ValidateBy } from 'class-validator';

import {
  areEngines,
  areNames,
  areRanges,
  ENGINES,
  isPluginName,
  isPluginState,
  isReadableText,
  isStrictSemVer,
  isWebUrl,
} from './metadata-rules.js';
import type { Engines } from './plugin-definition.js';

/** The rule of each field, in the order in which errors name them: what it takes, and the sentence for what it does not. */
const RULES = {
  name: {
    passes: isPluginName,
    message: 'name must be 1 to 64 letters, digits, ".", "_" or "-", and begin with a letter or a digit',
  },
  author: { passes: isReadableText, message: 'author must be text without control characters, and not empty' },
  version: { passes: isStrictSemVer, message: 'version must be a Semantic Versioning 2.0 version, as 1.0.0' },
  description: {
    passes: isReadableText,
    message: 'description must be text without control characters, and not empty',
  },
  url: { passes: isWebUrl, message: 'url must be an http or https URL' },
  license: { passes: isReadableText, message: 'license must be text without control characters, and not empty' },
  licenseFile: { passes: isReadableText, message: "licenseFile must be a path inside the plugin's folder" },
  readmeFile: { passes: isReadableText, message: "readmeFile must be a path inside the plugin's folder" },
  state: { passes: isPluginState, message: "state must be 'enabled' or 'disabled'" },
  engines: {
    passes: areEngines,
    message: `engines must be an object of npm ranges with the keys ${ENGINES.join(', ')}, as { "${ENGINES[0]}": "^1.0.0" }`,
  },
  dependsOn: {
    passes: areRanges,
    message: 'dependsOn must be an object of npm ranges by plugin name, as { "comments": "^1.0.0" }',
  },
  loadAfter: { passes: areNames, message: 'loadAfter must be a list of plugin names' },
} as const satisfies Record<string, { passes: (value: unknown) => boolean; message: string }>;

/** Puts the rule of a field on it, for class-validator. */
function Ruled(field: keyof typeof RULES): PropertyDecorator {
  const { passes, message } = RULES[field];
  return ValidateBy({ name: `${field}OfPlugin`, validator: { validate: passes, defaultMessage: () => message } });
}

/**
 * What a plugin tells of itself. A plugin may extend it: its fields are then the metadata.
 *
 * Carried over from Flask-PluginKit, where `__plugin_name__`, `__version__` and `__author__` are required as well.
 *
 * @example
 * export default class Hello extends PluginMetadata {
 *   name = 'hello';
 *   author = 'Ada';
 *   version = '1.0.0';
 *   register() { return { controllers: [HelloController] }; }
 * }
 */
export class PluginMetadata {
  /** Tells the plugin apart; unique without regard to case. It need not equal the folder's name. */
  @Ruled('name')
  name!: string;

  /** Who made it. */
  @Ruled('author')
  author!: string;

  /** Its version, strictly by Semantic Versioning 2.0. */
  @Ruled('version')
  version!: string;

  /** One sentence on what it does. */
  @IsOptional()
  @Ruled('description')
  description?: string;

  /** Its home page: http or https. */
  @IsOptional()
  @Ruled('url')
  url?: string;

  /** Its licence, usually an SPDX name. */
  @IsOptional()
  @Ruled('license')
  license?: string;

  /** Path of its licence text inside its folder; the file must be there. */
  @IsOptional()
  @Ruled('licenseFile')
  licenseFile?: string;

  /** Path of its readme inside its folder; the file must be there. */
  @IsOptional()
  @Ruled('readmeFile')
  readmeFile?: string;

  /** Whether it is on where no marker file tells. @default 'enabled' */
  @IsOptional()
  @Ruled('state')
  state?: 'enabled' | 'disabled';

  /** npm ranges of what it runs in. */
  @IsOptional()
  @Ruled('engines')
  engines?: Engines;

  /** The plugins that must be enabled first, with an npm range of versions each. */
  @IsOptional()
  @Ruled('dependsOn')
  dependsOn?: Readonly<Record<string, string>>;

  /** Plugins that are loaded before this one when they are there. */
  @IsOptional()
  @Ruled('loadAfter')
  loadAfter?: readonly string[];
}

/** The fields of {@link PluginMetadata}, in the order in which errors name them. */
export const METADATA_FIELDS = Object.keys(RULES) as readonly (keyof typeof RULES)[];

/**
 * Whether every field passes its rule. The same rules by class-validator take ten times as long, and tell what is wrong:
 * they are asked where this says no.
 */
export function isValid(metadata: Readonly<Partial<Record<keyof typeof RULES, unknown>>>): boolean {
  return METADATA_FIELDS.every((field) => {
    const value = metadata[field];
    return value === undefined || value === null ? !REQUIRED.has(field) : RULES[field].passes(value);
  });
}

const REQUIRED: ReadonlySet<string> = new Set(['name', 'author', 'version']);
