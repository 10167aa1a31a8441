import { defineConfig } from 'vite';

export default defineConfig({
  root: 'web/ui',
  base: './',
  oxc: { jsx: { importSource: 'preact' } },
  build: { outDir: '../../dist/web/ui', emptyOutDir: true, target: 'es2022', sourcemap: false },
  server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
});
