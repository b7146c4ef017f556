import { globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

// `node strip.js`: the gateway's own TypeScript without its types, by URL, as one JSON document. Its folder and that of the
// device profiles beside it, the symbolic link between them followed, because modules are known by where they really are.
const gateway = fileURLToPath(new URL('..', import.meta.url));
const profiles = dirname(fileURLToPath(import.meta.resolve('@yihu/device-profiles/library/load.ts')));
const files = [gateway, dirname(profiles)].flatMap((folder) =>
  globSync('**/*.ts', { cwd: folder, exclude: ['**/node_modules', '**/*.d.ts'] }).map((name) => join(folder, name)),
);
const sources = files.map((file) => [pathToFileURL(file).href, stripTypeScriptTypes(readFileSync(file, 'utf8'))]);
process.stdout.write(JSON.stringify(sources));
