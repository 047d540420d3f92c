import { IsIn, IsOptional, IsSemVer, Matches } from 'class-validator';

import { AreNames, AreRanges, IsReadableText, IsStrictSemVer, IsWebUrl } from './metadata-rules.js';
import type { Engines } from './plugin-definition.js';

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
  @Matches(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
    message: 'name must be 1 to 64 letters, digits, ".", "_" or "-", and begin with a letter or a digit',
  })
  name!: string;

  /** Who made it. */
  @IsReadableText()
  author!: string;

  /** Its version, strictly by Semantic Versioning 2.0. */
  @IsSemVer({ message: '$property must be a Semantic Versioning 2.0 version, as 1.0.0' })
  @IsStrictSemVer()
  version!: string;

  /** One sentence on what it does. */
  @IsOptional()
  @IsReadableText()
  description?: string;

  /** Its home page: http or https. */
  @IsOptional()
  @IsWebUrl()
  url?: string;

  /** Its licence, usually an SPDX name. */
  @IsOptional()
  @IsReadableText()
  license?: string;

  /** Path of its licence text inside its folder; the file must be there. */
  @IsOptional()
  @IsReadableText()
  licenseFile?: string;

  /** Path of its readme inside its folder; the file must be there. */
  @IsOptional()
  @IsReadableText()
  readmeFile?: string;

  /** Whether it is on where no marker file tells. @default 'enabled' */
  @IsOptional()
  @IsIn(['enabled', 'disabled'], { message: "state must be 'enabled' or 'disabled'" })
  state?: 'enabled' | 'disabled';

  /** npm ranges of what it runs in. */
  @IsOptional()
  @AreRanges(['nestjs-pluginkit', 'node', 'host'])
  engines?: Engines;

  /** The plugins that must be enabled first, with an npm range of versions each. */
  @IsOptional()
  @AreRanges()
  dependsOn?: Readonly<Record<string, string>>;

  /** Plugins that are loaded before this one when they are there. */
  @IsOptional()
  @AreNames()
  loadAfter?: readonly string[];
}

/** The fields of {@link PluginMetadata}, in the order in which errors name them. */
export const METADATA_FIELDS = [
  'name',
  'author',
  'version',
  'description',
  'url',
  'license',
  'licenseFile',
  'readmeFile',
  'state',
  'engines',
  'dependsOn',
  'loadAfter',
] as const satisfies readonly (keyof PluginMetadata)[];
