import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** One entry per person. Nothing is inlined, so that the strictest content policy (`self` only) holds. */
export default defineConfig({
  root: here('.'),
  plugins: [react()],
  resolve: { alias: { zod: here('client/no-schema.ts') } },
  build: {
    outDir: here('dist'),
    emptyOutDir: true,
    manifest: true,
    assetsInlineLimit: 0,
    target: 'es2022',
    rolldownOptions: {
      input: {
        login: here('index.html'),
        dispatcher: here('dispatcher/index.html'),
        phone: here('phone/index.html'),
        property: here('property/index.html'),
        wall: here('wall/index.html'),
      },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
});
