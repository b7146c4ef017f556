import { DevicePlan, FloorPlan, FloorPlanSummary, planLimits, PlanItem } from '@yihu/device-profiles/vocabulary/floor-plan.ts';
import { AreaPath } from '@yihu/device-profiles/vocabulary/place.ts';
import { Id } from '@yihu/device-profiles/vocabulary/text.ts';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { pictureFacts } from '../../registry/plan-picture.ts';
import { actorOf, entryOf } from '../access.ts';
import { idParams, nothing } from '../bodies.ts';
import type { PlanResult } from '../needs.ts';
import { found, Refusal } from '../problem.ts';
import { planKeepers, planWatchers } from '../roles.ts';
import { safeText } from '../safe-text.ts';
import type { WebOptions } from '../server.ts';

const pictures = ['image/png', 'image/jpeg'];
const version = z.number().int().positive();
const side = z.number().int().min(200).max(planLimits.pictureSide);
const Floor = z.union([z.literal(''), safeText(20)]);
const NewPlan = z.strictObject({
  area: AreaPath,
  floor: Floor.default(''),
  name: safeText(60),
  width: side.default(1600),
  height: side.default(900),
});
const PlanChange = z.strictObject({ version, name: safeText(60), floor: Floor });
const Items = z.strictObject({ version, items: z.array(PlanItem).max(planLimits.items) });
const PlanConflict = Problem.extend({ current: FloorPlan.optional() }).meta({ id: 'PlanConflict' });

/** A picture stays what it is under its mark; without one it is asked for again. */
const lasting = 'private, max-age=86400, immutable';

function planFrom(result: PlanResult): FloorPlan {
  if (result.ok) return result.plan;
  if (result.code === 'already-there')
    throw new Refusal('already-there', {
      sentence: { zh: '这个区域的这一层已经有平面图。', en: 'There is a plan of this floor already.' },
    });
  throw new Refusal(result.code, 'current' in result ? { current: result.current } : {});
}

/** 平面图: who works with devices draws them, everybody at work sees those of their areas. */
export function floorPlanRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { floorPlans } = options;
  app.addContentTypeParser(pictures, { parseAs: 'buffer', bodyLimit: planLimits.pictureBytes }, (_request, body, done) =>
    done(null, body),
  );

  app.route({
    method: 'GET',
    url: '/api/floor-plans',
    config: { access: { roles: planWatchers } },
    schema: {
      querystring: z.strictObject({ area: AreaPath.optional() }),
      response: { 200: z.array(FloorPlanSummary), '4xx': Problem },
    },
    handler: (request) => floorPlans.list(entryOf(request).scope, request.query.area),
  });

  app.route({
    method: 'POST',
    url: '/api/floor-plans',
    config: { access: { roles: planKeepers } },
    schema: { body: NewPlan, response: { 201: FloorPlan, '4xx': Problem } },
    handler: async (request, reply) => {
      request.note['area'] = request.body.area;
      const plan = { id: `plan-${uuidv7()}`, ...request.body };
      return reply.code(201).send(planFrom(await floorPlans.create(entryOf(request).scope, plan, actorOf(request).name)));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/floor-plans/:id',
    config: { access: { roles: planWatchers } },
    schema: { params: idParams, response: { 200: FloorPlan, '4xx': Problem } },
    handler: async (request) => found(await floorPlans.read(entryOf(request).scope, request.params.id)),
  });

  app.route({
    method: 'PATCH',
    url: '/api/floor-plans/:id',
    config: { access: { roles: planKeepers } },
    schema: { params: idParams, body: PlanChange, response: { 200: FloorPlan, '4xx': PlanConflict } },
    handler: async (request) => {
      const { version: seen, ...change } = request.body;
      const { scope } = entryOf(request);
      return planFrom(await floorPlans.rename(scope, request.params.id, seen, change, actorOf(request).name));
    },
  });

  app.route({
    method: 'PUT',
    url: '/api/floor-plans/:id/items',
    config: { access: { roles: planKeepers } },
    schema: { params: idParams, body: Items, response: { 200: FloorPlan, '4xx': PlanConflict } },
    handler: async (request) => {
      const { version: seen, items } = request.body;
      request.note['items'] = items.length;
      const { scope } = entryOf(request);
      return planFrom(await floorPlans.place(scope, request.params.id, seen, items, actorOf(request).name));
    },
  });

  app.route({
    method: 'DELETE',
    url: '/api/floor-plans/:id',
    config: { access: { roles: planKeepers } },
    schema: { params: idParams, response: { 204: nothing, '4xx': Problem } },
    handler: async (request, reply) => {
      if (!(await floorPlans.remove(entryOf(request).scope, request.params.id))) throw new Refusal('not-found');
      return reply.code(204).send(null);
    },
  });

  app.route({
    method: 'PUT',
    url: '/api/floor-plans/:id/picture',
    config: { access: { roles: planKeepers } },
    bodyLimit: planLimits.pictureBytes,
    schema: { consumes: pictures, params: idParams, response: { 200: FloorPlan, '4xx': PlanConflict } },
    handler: async (request) => {
      const { scope } = entryOf(request);
      found(await floorPlans.read(scope, request.params.id));
      const bytes: unknown = request.body;
      if (!Buffer.isBuffer(bytes)) throw new Refusal('media-type', { sentence: onlyPictures });
      const facts = pictureFacts(bytes);
      if (typeof facts === 'string') throw new Refusal('bad-request', { named: facts, sentence: sentences[facts] });
      Object.assign(request.note, { bytes: bytes.length, width: facts.width, height: facts.height });
      return planFrom(await floorPlans.putPicture(scope, request.params.id, { facts, bytes }, actorOf(request).name));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/floor-plans/:id/picture',
    config: { access: { roles: planWatchers } },
    schema: {
      params: idParams,
      querystring: z.strictObject({ mark: z.string().max(32).optional() }),
      response: {
        200: { description: 'The picture', content: { 'image/*': { schema: z.instanceof(Buffer) } } },
        '4xx': Problem,
      },
    },
    handler: async (request, reply) => {
      const picture = found(await floorPlans.picture(entryOf(request).scope, request.params.id));
      const name = picture.type === 'image/png' ? 'plan.png' : 'plan.jpg';
      return reply
        .type(picture.type)
        .header('cache-control', request.query.mark === undefined ? 'private, no-cache' : lasting)
        .header('content-disposition', `inline; filename="${name}"`)
        .send(picture.bytes);
    },
  });

  app.route({
    method: 'GET',
    url: '/api/devices/:gateway/:id/floor-plan',
    config: { access: { roles: planWatchers } },
    schema: { params: z.strictObject({ gateway: Id, id: Id }), response: { 200: DevicePlan, '4xx': Problem } },
    handler: (request) => floorPlans.ofDevice(entryOf(request).scope, request.params.gateway, request.params.id),
  });
}

const onlyPictures = { zh: '平面图只收 PNG 或 JPEG 图片。', en: 'A plan is a PNG or a JPEG.' };
const sentences = {
  'not-a-picture': {
    zh: '这不是完整的 PNG 或 JPEG 图片（SVG 可能带脚本，不收）。请导出为 PNG 再上传。',
    en: 'This is no whole PNG or JPEG (SVG may hold script and is refused). Export it as PNG.',
  },
  'too-many-pixels': {
    zh: '图片太大：每边最多 12000 像素，共 5000 万像素。请缩小后再上传。',
    en: 'The picture is too large: 12,000 pixels a side and 50 million in all. Make it smaller.',
  },
} as const;
