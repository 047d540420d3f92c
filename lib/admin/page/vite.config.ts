import { defineConfig } from 'vite';

// All URLs are relative, so that the page works below any path; no inline script and no eval, so that it works under its
// content security policy.
export default defineConfig({
  base: './',
  publicDir: false,
  logLevel: 'warn',
  build: {
    outDir: '../../../dist/admin/page',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
    target: ['chrome123', 'firefox121', 'safari17.5'],
  },
});
