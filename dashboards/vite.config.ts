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
      // A schema that nobody asks for is left out: the stand-in for zod does nothing but answer.
      treeshake: { manualPureFunctions: ['z'] },
      // What every page has in common is one file: in many small ones it would weigh 2 kB more on the wire.
      output: {
        codeSplitting: {
          groups: [
            {
              name: 'core',
              test: /node_modules[\\/](?:react|react-dom|scheduler|i18next|zustand|use-sync-external-store)[\\/]|dashboards[\\/](?:client[\\/](?!no-schema)|words[\\/](?:zh|en|language|shelve|dispatcher\.)|parts[\\/](?:Answers|Dialog|Keycap|Level|PanelState|ReasonField|Skeleton|StaleBanner|heading|time|value)\.)|device-profiles[\\/]vocabulary[\\/](?:incident|severity|text)\./,
            },
          ],
        },
      },
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
