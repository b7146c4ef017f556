import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The installer's page lies in the gateway's own package, at the root of its addresses: a gateway has no other screens. */
export default defineConfig({
  root: here('installer'),
  publicDir: here('public'),
  plugins: [react()],
  resolve: { alias: { zod: here('client/no-schema.ts') } },
  build: {
    outDir: here('../gateway/dist'),
    emptyOutDir: true,
    manifest: true,
    assetsInlineLimit: 0,
    target: 'es2022',
    // A schema that nobody asks for is left out: the stand-in for zod does nothing but answer.
    rolldownOptions: { treeshake: { manualPureFunctions: ['z'] } },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8610' } },
});
