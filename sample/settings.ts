import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { registerAs } from '@nestjs/config';

/** The sample's own folder: compiled code is one level below it, and the data must outlive a build. */
const HOME = join(import.meta.dirname, '..');

/** What the environment may change, with a default that runs out of the box. */
export const settings = registerAs('board', () => {
  const port = Number(process.env['PORT'] ?? 3000);
  const dataFile = process.env['NOTICE_BOARD_DATA'] ?? join(HOME, 'data', 'board.json');
  const adminPassword = process.env['PLUGINKIT_ADMIN_PASSWORD'] || undefined;
  return {
    title: process.env['NOTICE_BOARD_TITLE'] ?? 'Maple Street',
    port,
    publicUrl: process.env['NOTICE_BOARD_URL'] ?? `http://localhost:${port}`,
    room: Number(process.env['NOTICE_BOARD_ROOM'] ?? 200),
    dataFile,
    auditFile: join(dirname(dataFile), 'audit.jsonl'),
    // Without a password from outside, each start makes up another one, and tells it once.
    adminPassword: adminPassword ?? randomBytes(12).toString('base64url'),
    isPasswordMadeUp: adminPassword === undefined,
    version: versionOf(join(HOME, 'package.json')),
  };
});

function versionOf(manifest: string): string {
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
