// Runs the conformance tests with other versions of NestJS 12: the first one, and the latest.
// Nest is installed into a copy of this project, so that its own node_modules stay as they are.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');
const PACKAGES = ['common', 'core', 'platform-express', 'platform-fastify', 'testing'];
const versions = process.argv.slice(2);
const wanted = versions.length > 0 ? versions : ['~12.0.0', '^12.0.0'];
const left = new Set(['.git', 'node_modules', 'reports', 'coverage', '.tmp']);

let status = 0;
for (const version of wanted) {
  const copy = mkdtempSync(path.join(tmpdir(), 'pluginkit-nest-'));
  try {
    cpSync(ROOT, copy, { recursive: true, filter: (from) => !left.has(path.basename(from)) });
    run(ROOT, 'cp', ['-a', 'node_modules', copy]);
    run(copy, 'npm', [
      'install',
      '--no-save',
      '--no-audit',
      '--no-fund',
      '--force',
      ...PACKAGES.map((name) => `@nestjs/${name}@${version}`),
    ]);
    const { version: found } = JSON.parse(
      readFileSync(path.join(copy, 'node_modules/@nestjs/core/package.json'), 'utf8'),
    );
    console.log(`\nNestJS ${found}`);
    run(copy, 'npx', ['--no-install', 'vitest', 'run', 'test/dist/live', 'test/dist/routes-of-plugins.spec.js']);
  } catch (error) {
    console.error(`NestJS ${version}: ${error.message}`);
    status = 1;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
process.exit(status);

function run(cwd, command, args) {
  const { status: code } = spawnSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
  if (code !== 0) throw new Error(`${command} ${args[0]} ended with ${code}`);
}
