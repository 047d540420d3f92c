import path from 'node:path';

import { pathsRemover } from '#lib/admin/without-paths.js';
import { expect, it } from 'vitest';

const cwd = process.cwd();
const folder = path.join(cwd, 'plugins/shop');
const withoutPaths = pathsRemover({ [folder]: 'shop', '/opt/elsewhere/mail': 'mail' });

it.each([
  [`Cannot find package 'x' imported from ${folder}/index.js`, "Cannot find package 'x' imported from shop/index.js"],
  [`file://${folder}/index.js:3:1`, 'shop/index.js:3:1'],
  [`${cwd}/node_modules/x`, './node_modules/x'],
  [`in ${cwd}.`, 'in ..'],
  [`(${cwd}-2/secret.txt)`, '(…/secret.txt)'],
  ["ENOENT: no such file, open '/opt/elsewhere/mail/a b'", "ENOENT: no such file, open 'mail/a b'"],
  ['/etc/ssl/private/key.pem is not readable', '…/key.pem is not readable'],
  [String.raw`C:\Users\ada\app\index.js failed`, String.raw`…\index.js failed`],
])('leaves no absolute path in %j', (text, expected) => {
  expect(withoutPaths(text)).toBe(expected);
});

it.each(['GET /shop/:id of ShopController.one', 'https://example.org/etc/x', 'either/or', 'a prefix as "/shop"', ''])(
  'leaves %j as it is',
  (text) => {
    expect(withoutPaths(text)).toBe(text);
  },
);
