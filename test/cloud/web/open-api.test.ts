import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, type World } from './world.ts';

const golden = new URL('./openapi.golden.json', import.meta.url);

interface Operation {
  responses: Record<string, unknown>;
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
}

let world: World;
let document: Document;
beforeAll(async () => {
  world = await openWorld();
  document = (await (await fetch(`${world.cloud.url}/api/openapi.json`)).json()) as Document;
});
afterAll(() => world.close());

describe('the description of the API', () => {
  it('is the golden file: a change of the API is a change somebody read', () => {
    const text = `${JSON.stringify(document, null, 2)}\n`;
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, text);
    expect(text).toBe(readFileSync(golden, 'utf8'));
  });

  it('is OpenAPI 3.1 and holds every route there is', () => {
    expect(document.openapi).toBe('3.1.0');
    for (const { method, url } of world.cloud.routes) {
      if (url === '/*') continue;
      const path = url.replace(/:(\w+)/g, '{$1}');
      const operation = document.paths[path]?.[method.toLowerCase()];
      expect(operation, `${method} ${path}`).toBeDefined();
      expect(Object.keys(operation?.responses ?? {}).length, `${method} ${path}`).toBeGreaterThan(0);
    }
  });

  it('refers to nothing that is not in it, and holds nothing that is not referred to', () => {
    const text = JSON.stringify(document);
    const referred = new Set([...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name));
    expect(referred).toEqual(new Set(Object.keys(document.components.schemas)));
    expect(referred).toContain('Snapshot');
    expect(text).not.toContain('"$schema"');
  });
});
