import { lineWith, textOf } from './plugin-files.js';
import type { Finding, Rule } from './rule.js';

export const unusedKeys: Rule = {
  codes: { KEY_UNUSED: 'A plugin returns a key from register() that does nothing.' },
  look: ({ entry, contributions }, all) => {
    if (!contributions) return [];
    const { keys, routes, transforms } = contributions;
    const unused = (key: string, message: string, hint: string): Finding => ({
      code: 'KEY_UNUSED',
      severity: 'warning',
      message,
      file: entry,
      line: entry === undefined ? undefined : lineWith(textOf(entry), new RegExp(`\\b${key}\\b`)),
      hint,
    });
    return [
      ...Object.entries(keys)
        .filter(([, isUsed]) => !isUsed)
        .map(([key]) => unused(key, `register() returns ${key} with nothing in it.`, `Leave ${key} out.`)),
      ...['prefix', 'parent']
        .filter((key) => keys[key] === true && routes.length === 0 && keys['imports'] !== true)
        .map((key) =>
          unused(key, `register() returns ${key}, and there is no route below it.`, `Leave ${key} out, or add routes.`),
        ),
      ...transforms
        .filter((name) => !all.some((each) => each.name.toLowerCase() === name.toLowerCase()))
        .map((name) =>
          unused(
            'transforms',
            `register() transforms the plugin ${name}, which is not here or switched off.`,
            'Correct the name, or enable that plugin.',
          ),
        ),
    ];
  },
};
