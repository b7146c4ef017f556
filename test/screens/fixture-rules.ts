import type { DeviceRule, RulePreview, Threshold } from '@yihu/device-profiles/vocabulary/device-rule.ts';
import type { Answer, World } from './fixture-api.ts';

const minute = 60_000;

export function rulesAt(now: number): DeviceRule[] {
  const hot: DeviceRule = {
    alarm: 'hot_room',
    name: { zh: '配电间温度过高', en: 'Electrical room too hot' },
    severity: 'minor',
    hazard: 'equipment',
    point: 'temperature',
    pointName: { zh: '温度', en: 'Temperature' },
    symbol: '℃',
    side: 'above',
    now: { limit: 45, clear: 42, forMs: 10 * minute },
    own: { limit: 40, clear: 37, forMs: 10 * minute },
    off: false,
    sent: {
      to: { limit: 45, clear: 42, forMs: 10 * minute },
      before: { limit: 40, clear: 37, forMs: 10 * minute },
      state: 'kept',
      at: now - 40 * minute,
      stateAt: now - 39 * minute,
      byName: '李军',
      reason: null,
    },
    change: 'open',
  };
  const damp: DeviceRule = {
    ...hot,
    alarm: 'damp',
    name: { zh: '湿度过高', en: 'Too damp' },
    severity: 'warning',
    hazard: 'environment',
    point: 'humidity',
    pointName: { zh: '湿度', en: 'Humidity' },
    symbol: '%',
    now: { limit: 85, clear: 80, forMs: 30 * minute },
    own: { limit: 85, clear: 80, forMs: 30 * minute },
    sent: null,
  };
  const gas: DeviceRule = {
    ...damp,
    alarm: 'gas_high',
    name: { zh: '可燃气体浓度高', en: 'Combustible gas' },
    severity: 'critical',
    hazard: 'gas',
    point: 'gas',
    pointName: { zh: '浓度', en: 'Concentration' },
    symbol: '%LEL',
    now: { limit: 25, clear: 20, forMs: 0 },
    own: { limit: 25, clear: 20, forMs: 0 },
    change: 'life-safety',
  };
  return [hot, damp, gas];
}

/** The lower the limit, the more often: one time a week for each degree below 46. */
function toldOf(world: World, { limit }: Threshold): RulePreview['now'] {
  const count = Math.max(0, Math.round((46 - limit) * 1.75));
  const week = 7 * 24 * 60 * minute;
  const episodes = Array.from({ length: count }, (_, nth) => {
    const from = world.now - week + Math.round(((nth + 0.5) / count) * week);
    return { from, to: from + (30 + (nth % 5) * 20) * minute };
  });
  return { count, episodes };
}

export function ruleRoute(
  world: World,
  method: string,
  [alarm = '', what = '']: readonly string[],
  body: Record<string, unknown>,
): Answer {
  if (alarm === '') return { status: 200, body: { known: world.rulesKnown, rules: world.rules } };
  const rule = world.rules.find((one) => one.alarm === alarm);
  if (rule === undefined) return { status: 404, body: { code: 'not-found', message: { zh: '没有找到。', en: 'Not found.' } } };
  const wanted = body as unknown as Threshold;
  if (rule.side === 'above' && wanted.clear > wanted.limit) {
    const message = {
      zh: '恢复值在限值的错误一侧，告警永远不会恢复。',
      en: 'The clear value lies on the wrong side of the limit.',
    };
    return { status: 400, body: { code: 'bad-request', message } };
  }
  if (what === 'preview') {
    const preview: RulePreview = {
      from: world.now - 7 * 24 * 60 * minute,
      to: world.now,
      samples: 9_863,
      cut: false,
      now: toldOf(world, rule.now),
      changed: toldOf(world, wanted),
    };
    return { status: 200, body: preview };
  }
  const sent = {
    to: wanted,
    before: rule.now,
    state: 'pending' as const,
    at: Date.now(),
    stateAt: Date.now(),
    byName: '李军',
    reason: null,
  };
  const after: DeviceRule = { ...rule, sent };
  world.rules = world.rules.map((one) => (one.alarm === alarm ? after : one));
  return { status: method === 'PUT' ? 202 : 200, body: after };
}
