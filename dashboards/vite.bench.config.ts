import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The page of `npm run bench charts`; no screen is built with it. */
export default defineConfig({
  root: here('bench'),
  base: './',
  plugins: [react()],
  resolve: { alias: { zod: here('client/no-schema.ts') } },
  build: { emptyOutDir: true, target: 'es2022' },
});
