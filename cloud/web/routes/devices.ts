import { Category } from '@yihu/device-profiles/vocabulary/profile.ts';
import { Id } from '@yihu/device-profiles/vocabulary/text.ts';
import { Availability } from '@yihu/device-profiles/vocabulary/transition.ts';
import { DeviceDetail, DeviceSummary, History, Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { limits } from '../../limits.ts';
import { entryOf, scopeWithin } from '../access.ts';
import { flag, pageBody, pageOf, paging, ProfileBody } from '../bodies.ts';
import { given } from '../given.ts';
import { found } from '../problem.ts';
import { everybody } from '../roles.ts';
import type { WebOptions } from '../server.ts';

const deviceParams = z.strictObject({ gateway: Id, device: Id });
const hourMs = 3_600_000;

const Listing = z.strictObject({
  q: z.string().max(100).optional(),
  area: z.string().max(300).optional(),
  gateway: Id.optional(),
  category: Category.optional(),
  availability: Availability.optional(),
  alarming: flag.optional(),
  ...paging,
});

const Span = z
  .strictObject({
    point: Id,
    from: z.coerce.number().int().nonnegative().optional(),
    to: z.coerce.number().int().nonnegative().optional(),
    buckets: z.coerce.number().int().min(1).max(limits.historyBucketsMax).default(limits.historyBuckets),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ['from'],
    message: 'must be before to',
  });

export function deviceRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { records } = options;
  const config = { access: { roles: everybody, scope: 'devices:read' } } as const;

  app.route({
    method: 'GET',
    url: '/api/devices',
    config,
    schema: { querystring: Listing, response: { 200: pageOf(DeviceSummary), '4xx': Problem } },
    handler: async (request) => {
      const { area, ...filter } = request.query;
      return pageBody(await records.listDevices(scopeWithin(request, area), given(filter)));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/devices/:gateway/:device',
    config,
    schema: { params: deviceParams, response: { 200: DeviceDetail, '4xx': Problem } },
    handler: async (request) => found(await records.deviceDetail(entryOf(request).scope, request.params)),
  });

  app.route({
    method: 'GET',
    url: '/api/devices/:gateway/:device/history',
    config,
    schema: { params: deviceParams, querystring: Span, response: { 200: History, '4xx': Problem } },
    handler: async (request) => {
      const { point, buckets, to = options.clock.now(), from = to - 24 * hourMs } = request.query;
      const span = { from, to, buckets };
      return found(await records.history(entryOf(request).scope, request.params, point, span));
    },
  });

  app.route({
    method: 'GET',
    url: '/api/profiles/:id',
    config,
    schema: { params: z.strictObject({ id: Id }), response: { 200: ProfileBody, '4xx': Problem } },
    handler: (request) => {
      const { points, ...profile } = found(options.profile(request.params.id));
      return { ...profile, points: [...points] };
    },
  });
}
