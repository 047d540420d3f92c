import { defineConfig } from 'vitest/config';

// `tsc -b` has type-checked and compiled lib/ and test/ before; vitest only runs the result, with Node's own module
// loader (viteModuleRunner: false), so that a plugin's `import()` behaves in a test as it does in production.
export default defineConfig({
  test: {
    include: ['test/dist/**/*.spec.js'],
    // It paints pictures and proves nothing: `npm run screenshots`.
    exclude: process.env['SCREENSHOTS'] ? [] : ['test/dist/admin/screenshots.spec.js'],
    maxWorkers: 2, // many tests wait for processes of their own
    pool: 'forks', // signals and process.ppid mean nothing in a worker thread
    isolate: false, // one process per core loads Nest once
    execArgv: ['--enable-source-maps'],
    experimental: { viteModuleRunner: false, nodeLoader: false },
    // Many tests start processes and browsers: on a machine that does other things as well, one may be late.
    retry: process.env['CI'] ? 2 : 0,
    restoreMocks: true,
    unstubEnvs: true,
    testTimeout: 60_000, // of many tests that wait for processes, on a machine that may be busy
    hookTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['dist/**/*.js'],
      exclude: ['test/**', 'sample/**'],
      reporter: ['text', 'html', 'lcovonly', 'json-summary'],
      thresholds: { lines: 90, branches: 80 },
    },
  },
});
