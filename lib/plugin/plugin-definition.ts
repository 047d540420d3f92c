/**
 * What a plugin's entry gives, before anything of it was checked: metadata and a function.
 * Authors write it by `definePlugin()`, which knows the types of what `register()` may return.
 */
export interface PluginDefinition {
  /** Tells the plugin apart: 1-64 of letters, digits, `.`, `_`, `-`; unique without regard to case. */
  readonly name?: string;
  /** Who made it. */
  readonly author?: string;
  /** Its Semantic Versioning 2.0 version. */
  readonly version?: string;
  /** One sentence on what it does. */
  readonly description?: string;
  /** Its home page: http or https. */
  readonly url?: string;
  /** Its licence, usually an SPDX name. */
  readonly license?: string;
  /** Path of its licence text inside its folder. */
  readonly licenseFile?: string;
  /** Path of its readme inside its folder. */
  readonly readmeFile?: string;
  /** Whether it is on where no marker file tells. @default 'enabled' */
  readonly state?: 'enabled' | 'disabled';
  /** npm ranges of what it runs in. */
  readonly engines?: Engines;
  /** The plugins that must be enabled first, with an npm range of versions each. */
  readonly dependsOn?: Readonly<Record<string, string>>;
  /** Plugins that are loaded before this one when they are there. */
  readonly loadAfter?: readonly string[];
  /** Returns what the plugin adds to the application; is called once, while the application starts. */
  register(): unknown;
}

/** npm ranges of the library, of Node.js and of the application (compared with the option `hostVersion`). */
export interface Engines {
  readonly 'nestjs-pluginkit'?: string;
  readonly node?: string;
  readonly host?: string;
}
