import { isPluginName, isReadableText } from '../../plugin/metadata-rules.js';

/** What a new plugin is to be. */
export interface PluginWish {
  /** The name of its package: `shop` or `@acme/shop`. */
  readonly packageName: string;
  readonly author: string;
  readonly description: string;
  /** An SPDX name. */
  readonly license: string;
}

/** The plugin's own name: that of its package without the scope. */
export function pluginNameOf(packageName: string): string {
  return packageName.replace(/^@[^/]*\//, '');
}

/** Why a name cannot be taken, with the rule; undefined where it can. */
export function whyNoName(name: string, isPackage: boolean): string | undefined {
  if (!isPackage)
    return isPluginName(name)
      ? undefined
      : 'A plugin has a name of 1 to 64 letters, digits, ".", "_" or "-", which begins with a letter or a digit.';
  return /^(?:@[a-z0-9-][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]{0,63}$/.test(name)
    ? undefined
    : 'A package has a name of 1 to 64 small letters, digits, ".", "_" or "-", which begins with a letter or a digit, and may have a scope: shop, @acme/shop.';
}

/** Why a text cannot be taken; undefined where it can. */
export function whyNoText(text: string): string | undefined {
  return isReadableText(text) ? undefined : 'It must be text in one line, and not empty.';
}
