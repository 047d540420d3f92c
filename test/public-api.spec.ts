import { readFileSync } from 'node:fs';

import * as api from 'nestjs-pluginkit';
import { describe, expect, it } from 'vitest';

import { sourcesOfLib } from './support/sources.js';

describe('the public API', () => {
  it('is these names, and no other', () => {
    expect(Object.keys(api).toSorted()).toEqual([
      'Extension',
      'PLUGIN_ERROR_CODES',
      'PluginError',
      'PluginEvents',
      'PluginKitHealthIndicator',
      'PluginKitModule',
      'PluginMetadata',
      'PluginRegistry',
      'PluginView',
      'ReloadService',
      'allowIps',
      'basicAuth',
      'bearerToken',
      'createExtensionPoint',
      'definePlugin',
      'ordered',
    ]);
  });

  it('has a page in docs for each name', () => {
    const index = readFileSync('lib/index.ts', 'utf8');
    const names = [...index.matchAll(/\b(?:type )?(\w+)(?= as|,| \}|\n\})/g)]
      .map(([, name = '']) => name)
      .filter((name) => /^[A-Z]|^define/.test(name));
    expect(names.length).toBeGreaterThan(10);
    const docs = [
      'README.md',
      'docs/admin.md',
      'docs/reload.md',
      'docs/writing-a-plugin.md',
      'docs/metadata.md',
      'docs/states.md',
      'docs/errors.md',
      'docs/options.md',
      'docs/registry.md',
      'docs/order-and-dependencies.md',
      'docs/when-a-plugin-fails.md',
      'docs/architecture.md',
      'docs/events.md',
      'docs/transforms.md',
      'docs/extension-points.md',
      'docs/hooks.md',
      'docs/middleware.md',
      'docs/error-handlers.md',
      'docs/views.md',
      'docs/slots.md',
      'docs/assets.md',
    ]
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    expect(names.filter((name) => !docs.includes(name))).toEqual([]);
  });

  it('has every error code in docs/errors.md, and no code there that does not exist', () => {
    const page = readFileSync('docs/errors.md', 'utf8');
    const headings = [...page.matchAll(/`([A-Z]+_[A-Z_]+|INCOMPATIBLE|QUARANTINED)`/g)].map(([, code = '']) => code);
    expect([...new Set(headings)].toSorted()).toEqual(api.PLUGIN_ERROR_CODES.toSorted());
  });

  it('throws every error code somewhere', () => {
    const code = sourcesOfLib()
      .filter(({ file }) => !file.endsWith('plugin-error.ts'))
      .map(({ text }) => text)
      .join('\n');
    expect(api.PLUGIN_ERROR_CODES.filter((each) => !code.includes(`'${each}'`))).toEqual([]);
  });
});
