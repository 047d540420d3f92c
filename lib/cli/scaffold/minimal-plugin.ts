import { pluginNameOf, type PluginWish } from './plugin-wish.js';

/** The smallest plugin there is: one file with `metadata` and `register`, and a package.json that makes it an ES module. */
export function minimalPlugin({ packageName, author, description, license }: PluginWish): Record<string, string> {
  const name = pluginNameOf(packageName);
  const metadata = { name, author, version: '0.1.0', description, license };
  const fields = Object.entries(metadata).map(([key, value]) => `  ${key}: ${JSON.stringify(value)},`);
  return {
    'index.js': `export const metadata = {
${fields.join('\n')}
};

export function register() {
  return {
    routes: { path: '/${name}', handler: () => 'Hello from ${name}' },
  };
}
`,
    'package.json': `${JSON.stringify({ private: true, type: 'module' }, undefined, 2)}\n`,
  };
}
