// Runs the conformance tests with other versions of NestJS 12: the first one, and the latest, or those that are named.
// Nest is installed into a copy of this project, so that its own node_modules stay as they are. What was built before is tested;
// a report is left for each version: reports/nest-<version>.json.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');
const PACKAGES = ['common', 'core', 'platform-express', 'platform-fastify', 'testing'];
const versions = process.argv.slice(2);
const wanted = versions.length > 0 ? versions : ['~12.0.0', '^12.0.0'];
/** What leans on the insides of Nest. */
const TESTS = [
  'live/',
  'a-broken-plugin-harms-nobody',
  'a-plugin-is-a-module-like-any-other',
  'error-handlers',
  'hooks',
  'middleware',
  'plugins-use-the-application-and-each-other',
  'routes-of-plugins',
].map((name) => `test/dist/${name}`);
const MINUTES = 3;
const left = new Set(['.git', 'node_modules', 'reports', 'coverage', '.tmp']);

let status = 0;
for (const version of wanted) {
  const report = path.join(ROOT, `reports/nest-${version}.json`);
  rmSync(report, { force: true });
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
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    run(copy, process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...TESTS], MINUTES);
  } catch (error) {
    console.error(`NestJS ${version}: ${error.message}`);
    status = 1;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
process.exit(status);

function run(cwd, command, args, minutes) {
  const timeout = minutes === undefined ? undefined : minutes * 60_000;
  const { status: code, error } = spawnSync(command, args, { cwd, timeout, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) throw error;
  if (code !== 0) throw new Error(`${command} ${args[0]} ended with ${code}`);
}
