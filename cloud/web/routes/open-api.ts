import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { WebOptions } from '../server.ts';

/** Drops the schemas nothing refers to: the description is generated for both directions, and most bodies go one way. */
function withoutUnused(document: object): Record<string, unknown> {
  const whole = document as Record<string, unknown> & { components?: { schemas?: Record<string, unknown> } };
  const schemas = whole.components?.schemas ?? {};
  const used = new Set<string>();
  const visit = (part: unknown): void => {
    for (const [, name] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (name === undefined || used.has(name)) continue;
      used.add(name);
      visit(schemas[name]);
    }
  };
  visit(whole['paths']);
  const kept = Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)));
  return { ...whole, components: { ...whole.components, schemas: kept } };
}

/** The API described by the same schemas that check it. */
export function openApiRoute(instance: FastifyInstance, _options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: 'GET',
    url: '/api/openapi.json',
    config: { access: 'public' },
    schema: { response: { 200: z.record(z.string(), z.unknown()) } },
    handler: () => withoutUnused(app.swagger()),
  });
}
