import { DeviceRule, RulePreview, type Threshold } from '@yihu/device-profiles/vocabulary/device-rule.ts';
import { Id } from '@yihu/device-profiles/vocabulary/text.ts';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { limits } from '../../limits.ts';
import { actorOf, actsAs, entryOf } from '../access.ts';
import { createLimiter } from '../limiter.ts';
import type { DeviceRules } from '../needs.ts';
import { found, Refusal } from '../problem.ts';
import { deviceWatchers, equippers, ruleKeepers } from '../roles.ts';
import type { WebOptions } from '../server.ts';

const device = { gateway: Id, id: Id };
const params = z.strictObject(device);
const ruleParams = z.strictObject({ ...device, alarm: Id });
const most = 1e12;
const amount = z.number().min(-most).max(most);
const longestMs = 24 * 3_600_000;
const Wanted = z.strictObject({ limit: amount, clear: amount, forMs: z.number().int().min(0).max(longestMs) });
const minuteMs = 60_000;

/** Where lives hang on a rule, only who equips the place may move its limit. */
const lifeSafety: ReadonlySet<string> = new Set(['fire', 'gas', 'person']);

type Stored = DeviceRules['rules'][number];

function changeOf(request: FastifyRequest, rules: DeviceRules, { hazard }: Stored): DeviceRule['change'] {
  if (rules.profile === null) return 'own-profile';
  if (!actsAs(request, ruleKeepers, rules.area)) return 'not-yours';
  return lifeSafety.has(hazard) && !actsAs(request, equippers, rules.area) ? 'life-safety' : 'open';
}

function checkSides({ side }: Stored, { limit, clear }: Threshold): void {
  if (side === 'above' ? clear <= limit : clear >= limit) return;
  throw new Refusal('bad-request', {
    issues: [{ path: '/clear', message: 'lies on the wrong side of the limit: the alarm would never clear' }],
    sentence: {
      zh: '恢复值在限值的错误一侧，告警永远不会恢复。',
      en: 'The clear value lies on the wrong side of the limit; the alarm would never clear.',
    },
  });
}

const sentences = {
  'life-safety': {
    zh: '这条规则关系到人身安全（火灾、燃气、求助），只有安装员或管理员可以改。',
    en: 'Lives hang on this rule (fire, gas, calls for help): only an installer or an administrator may change it.',
  },
  'own-profile': {
    zh: '这台设备用的是网关自己的档案，云端不完整知道它的规则。请在网关上改。',
    en: 'This device has a profile of its gateway’s own, whose rules are not known here. Change it on the gateway.',
  },
  'not-yours': { zh: '您没有权限改这条规则。', en: 'You may not change this rule.' },
  unknown: {
    zh: '网关还没有报告它在用的现场文件，暂时不能改。请等它连上云端。',
    en: 'The gateway has not said yet what site it runs. Wait until it is connected.',
  },
  busy: {
    zh: '网关正在应用另一份现场更改，请等它生效后再改。',
    en: 'The gateway is taking another change of its site; wait until that is over.',
  },
} as const;

/** 规则: limits of one device, tried on what was recorded before they are sent to its gateway. */
export function ruleRoutes(instance: FastifyInstance, options: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { records, sites, clock } = options;
  const pushes = createLimiter(clock, limits.pushesPerMinute, minuteMs, limits.limiterKeys);
  const replays = createLimiter(clock, limits.replaysPerMinute, minuteMs, limits.limiterKeys);

  const rulesOf = async (request: FastifyRequest, { gateway, id }: z.output<typeof params>): Promise<DeviceRules> =>
    found(await records.deviceRules(entryOf(request).scope, { gateway, device: id }));
  const ruleOf = async (request: FastifyRequest, where: z.output<typeof ruleParams>) => {
    const rules = await rulesOf(request, where);
    const rule = found(rules.rules.find(({ alarm }) => alarm === where.alarm));
    return { rules, rule };
  };

  app.route({
    method: 'GET',
    url: '/api/devices/:gateway/:id/rules',
    config: { access: { roles: deviceWatchers } },
    schema: {
      params,
      response: { 200: z.strictObject({ known: z.boolean(), rules: z.array(DeviceRule) }), '4xx': Problem },
    },
    handler: async (request) => {
      const rules = await rulesOf(request, request.params);
      const known = rules.profile !== null;
      return { known, rules: rules.rules.map((rule) => ({ ...rule, change: changeOf(request, rules, rule) })) };
    },
  });

  app.route({
    method: 'POST',
    url: '/api/devices/:gateway/:id/rules/:alarm/preview',
    config: { access: { roles: deviceWatchers } },
    schema: { params: ruleParams, body: Wanted, response: { 200: RulePreview, '4xx': Problem, '5xx': Problem } },
    handler: async (request) => {
      if (!replays.take(actorOf(request).id)) throw new Refusal('too-many');
      const { rules, rule } = await ruleOf(request, request.params);
      if (rules.profile === null) throw new Refusal('refused', { sentence: sentences['own-profile'] });
      checkSides(rule, request.body);
      const { gateway, id: key, alarm } = request.params;
      return sites.preview({ gateway, device: key, alarm, profile: rules.profile, now: rule.now, wanted: request.body });
    },
  });

  app.route({
    method: 'PUT',
    url: '/api/devices/:gateway/:id/rules/:alarm',
    config: { access: { roles: ruleKeepers } },
    schema: { params: ruleParams, body: Wanted, response: { 202: DeviceRule, '4xx': Problem } },
    handler: async (request, reply) => {
      const { rules, rule } = await ruleOf(request, request.params);
      const change = changeOf(request, rules, rule);
      if (change !== 'open') throw new Refusal('refused', { named: change, sentence: sentences[change] });
      checkSides(rule, request.body);
      const actor = actorOf(request);
      if (!pushes.take(actor.id)) throw new Refusal('too-many');
      const { gateway, id: key, alarm } = request.params;
      Object.assign(request.note, { ...request.body, was: JSON.stringify(rule.now) });
      const done = await sites.setRules(gateway, [{ device: key, alarm, set: request.body, before: rule.now }], actor);
      if ('conflict' in done)
        throw new Refusal('wrong-state', { named: `site-${done.conflict}`, sentence: sentences[done.conflict] });
      const after = await ruleOf(request, request.params);
      return reply.code(202).send({ ...after.rule, change });
    },
  });
}
