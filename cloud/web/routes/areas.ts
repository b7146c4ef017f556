import { AreaKind, AreaPath } from '@yihu/device-profiles/vocabulary/place.ts';
import { AreaDetail, AreaPage, Coverage, Shape } from '@yihu/device-profiles/vocabulary/registry-area.ts';
import { Area, Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { coverageOf, type GridPlan, mayStandBelow, parentOf, planAssign, planMerge, planSplit } from '../../registry/grids.ts';
import { outlineProblem } from '../../registry/outline.ts';
import { isInScope } from '../../registry/rights.ts';
import { actorOf, entryOf } from '../access.ts';
import { areaValue } from '../area-outcome.ts';
import { found, Refusal } from '../problem.ts';
import { administrators, everybody } from '../roles.ts';
import { Key, safeText } from '../safe-text.ts';
import type { WebOptions } from '../server.ts';

/** A path in an address, its slashes escaped: `/api/areas/xingfu%2Fxfl%2Fg1`. */
export const areaParams = z.strictObject({ path: AreaPath });
const Code = z.string().regex(/^[A-Za-z0-9_-]{1,32}$/, 'must be 1–32 of A-Z a-z 0-9 _ -');
const version = z.number().int().positive();
const buildings = z.array(AreaPath).min(1).max(500);

const NewArea = z.strictObject({ path: AreaPath, kind: AreaKind, name: safeText(60) });
const AreaPatch = z.strictObject({
  version,
  name: safeText(60).optional(),
  position: z.number().int().min(-1_000_000).max(1_000_000).optional(),
  shape: Shape.nullable().optional(),
});
const Cut = { version, key: Key };
const Split = z.strictObject({ code: Code, name: safeText(60), buildings, copyGrants: z.boolean().default(true), ...Cut });
const Merge = z.strictObject({ into: AreaPath, ...Cut });
const Assign = z.strictObject({ buildings, ...Cut });
const Areas = z.strictObject({ areas: z.array(Area), coverage: Coverage });

function wrong(path: string, message: string): Refusal {
  return new Refusal('bad-request', { issues: [{ path, message }] });
}

export function areaRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { areas } = options;

  /** Plans and carries out a change of the grids, and answers with how the community's buildings are covered now. */
  const cut = async (
    request: FastifyRequest,
    what: 'split' | 'merge' | 'assign',
    grid: string,
    body: { version: number; key: string; copyGrants?: boolean },
    plan: (areas: readonly Area[]) => GridPlan,
  ): Promise<z.infer<typeof Areas>> => {
    request.note['grid'] = grid;
    const { version, key, copyGrants = false } = body;
    const { scope } = entryOf(request);
    const done = areaValue(await areas.cut(scope, actorOf(request), { what, grid, version, key, copyGrants, plan }));
    const community = done.areas.find(({ kind }) => kind === 'community');
    return { areas: [...done.areas], coverage: coverageOf(found(community), done.areas) };
  };

  app.route({
    method: 'POST',
    url: '/api/areas',
    config: { access: { roles: administrators } },
    schema: { body: NewArea, response: { 201: AreaDetail, '4xx': Problem } },
    handler: async (request, reply) => {
      const { path, kind, name } = request.body;
      request.note['area'] = path;
      const { scope } = entryOf(request);
      if (!isInScope(scope.areas, path)) throw new Refusal('not-found');
      const parent = parentOf(path);
      const above = parent === null ? null : await areas.page(scope, parent);
      if (parent !== null && above === null) throw wrong('/path', `its parent ${parent} does not exist`);
      if (!mayStandBelow(kind, above?.area.kind ?? null))
        throw wrong('/kind', `a ${kind} does not stand below a ${above?.area.kind}`);
      return reply.code(201).send(areaValue(await areas.create(scope, { path, parent, kind, name })));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/areas/:path',
    config: { access: { roles: everybody } },
    schema: { params: areaParams, response: { 200: AreaPage, '4xx': Problem } },
    handler: async (request) => found(await areas.page(entryOf(request).scope, request.params.path)),
  });

  app.route({
    method: 'PATCH',
    url: '/api/areas/:path',
    config: { access: { roles: administrators } },
    schema: { params: areaParams, body: AreaPatch, response: { 200: AreaDetail, '4xx': Problem } },
    handler: async (request) => {
      const { version, ...change } = request.body;
      request.note['changed'] = Object.keys(change).join(',');
      const problem = change.shape ? outlineProblem(change.shape) : null;
      if (problem !== null) throw wrong('/shape/ring', problem);
      return areaValue(await areas.change(entryOf(request).scope, request.params.path, version, change));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/areas/:path/coverage',
    config: { access: { roles: everybody } },
    schema: { params: areaParams, response: { 200: Coverage, '4xx': Problem } },
    handler: async (request) => {
      const seen = found(await areas.community(entryOf(request).scope, request.params.path));
      return coverageOf(seen.community, seen.areas);
    },
  });

  app.route({
    method: 'POST',
    url: '/api/areas/:path/split',
    config: { access: { roles: administrators } },
    schema: { params: areaParams, body: Split, response: { 200: Areas, '4xx': Problem } },
    handler: (request) => {
      const { path } = request.params;
      return cut(request, 'split', path, request.body, (all) => planSplit(all, path, request.body));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/areas/:path/merge',
    config: { access: { roles: administrators } },
    schema: { params: areaParams, body: Merge, response: { 200: Areas, '4xx': Problem } },
    handler: (request) => {
      const { path } = request.params;
      return cut(request, 'merge', path, request.body, (all) => planMerge(all, path, request.body.into));
    },
  });

  app.route({
    method: 'POST',
    url: '/api/areas/:path/buildings',
    config: { access: { roles: administrators } },
    schema: { params: areaParams, body: Assign, response: { 200: Areas, '4xx': Problem } },
    handler: (request) => {
      const { path } = request.params;
      return cut(request, 'assign', path, request.body, (all) => planAssign(all, path, request.body.buildings));
    },
  });
}
