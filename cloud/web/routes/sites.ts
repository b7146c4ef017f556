import { Sha256 } from '@yihu/device-profiles/vocabulary/site-push.ts';
import { GatewaySiteView } from '@yihu/device-profiles/vocabulary/site-push-view.ts';
import { Id } from '@yihu/device-profiles/vocabulary/text.ts';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { limits } from '../../limits.ts';
import { actorOf, entryOf } from '../access.ts';
import { createLimiter } from '../limiter.ts';
import { found, Refusal } from '../problem.ts';
import { equippers } from '../roles.ts';
import type { WebOptions } from '../server.ts';

const params = z.strictObject({ id: Id });
const minuteMs = 60_000;

/** A profile beside the site file: `<folder>/<maker>/<model>.yaml`, as the site file's `profiles` names the folder. */
const OwnProfile = z.strictObject({
  path: z
    .string()
    .max(160)
    .regex(/^[a-z0-9_][a-z0-9_-]*(?:\/[a-z0-9_][a-z0-9_.-]*){1,6}\.yaml$/),
  text: z.string().max(200_000),
});

const SiteBody = z.strictObject({
  text: z.string().min(1).max(250_000),
  profiles: z.array(OwnProfile).max(64).optional(),
  /** Of the site that is replaced; needed where the gateway's was changed on the spot. */
  base: Sha256.optional(),
  /** Verified within this or rolled back. */
  within_ms: z.number().int().min(1_000).max(120_000).optional(),
});

/** A refusal, with what the gateway runs where that is not what was pushed last. */
const SiteConflict = Problem.extend({ current: GatewaySiteView.optional() }).meta({ id: 'SiteConflict' });

const conflicts = {
  unknown: {
    zh: '网关还没有报告它在用的现场文件。请等它连上云端后再下发；一直没有时，请升级网关并重新认领。',
    en: 'The gateway has not said yet what site it runs. Push when it is connected; if that does not help, bring it up to date and claim it again.',
  },
  changed: {
    zh: '网关上的现场不是上次下发的那份（现场改过）。请先看清楚；仍要替换时，在 base 里写明它现在的散列值。',
    en: 'The gateway’s site is not the one that was pushed last (it was changed there). Look at it first; to replace it all the same, name its present hash as base.',
  },
} as const;

/** 现场下发: the site of a gateway, by whoever equips its area. The text is taken and never given back. */
export function siteRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { records, sites } = options;
  // Each is checked by a process of its own.
  const checks = createLimiter(options.clock, limits.pushesPerMinute, minuteMs, limits.limiterKeys);

  const gatewayOf = async (request: FastifyRequest, id: string): Promise<string> => {
    const list = await records.listGateways(entryOf(request).scope);
    return found(list.find((gateway) => gateway.id === id)).id;
  };

  app.route({
    method: 'GET',
    url: '/api/gateways/:id/site',
    config: { access: { roles: equippers } },
    schema: { params, response: { 200: GatewaySiteView, '4xx': Problem } },
    handler: async (request) => sites.view(await gatewayOf(request, request.params.id)),
  });

  app.route({
    method: 'PUT',
    url: '/api/gateways/:id/site',
    config: { access: { roles: equippers } },
    schema: { params, body: SiteBody, response: { 202: GatewaySiteView, '4xx': SiteConflict } },
    handler: async (request, reply) => {
      const id = await gatewayOf(request, request.params.id);
      const actor = actorOf(request);
      if (!checks.take(actor.id)) throw new Refusal('too-many');
      const { text, profiles = [], base, within_ms: withinMs } = request.body;
      const done = await sites.push(id, { text, profiles, base, withinMs }, actor);
      if ('conflict' in done)
        throw new Refusal('version', { named: `site-${done.conflict}`, sentence: conflicts[done.conflict], current: done.view });
      if ('problems' in done) {
        const issues = done.problems.map(({ line, path, zh, en }) => ({ path: `${path} :${line}`, message: `${zh} / ${en}` }));
        throw new Refusal('refused', { named: 'site-problems', sentence: problemsSentence, issues });
      }
      Object.assign(request.note, { version: done.version });
      return reply.code(202).send(await sites.view(id));
    },
  });
}

const problemsSentence = {
  zh: '现场文件有问题，整份没有采用。请按列出的逐条改好。',
  en: 'The site file has problems and was refused whole. Mend what is listed.',
};
