import type { ApiKey } from '@yihu/device-profiles/vocabulary/api-key.ts';
import type { CapEntry } from '@yihu/device-profiles/vocabulary/cap.ts';
import type { Webhook, WebhookEvent } from '@yihu/device-profiles/vocabulary/webhook.ts';
import type { Answer, World } from './fixture-api.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

/** 对接: what the administrator's screen of other systems reads. */
export interface Links {
  keys: ApiKey[];
  webhooks: Webhook[];
  events: Map<string, WebhookEvent[]>;
  cap: CapEntry[];
}

export function linksAt(now: number): Links {
  return { keys: keysAt(now), webhooks: webhooksAt(now), events: new Map([['hook-street', eventsAt(now)]]), cap: capAt(now) };
}

function keysAt(now: number): ApiKey[] {
  const base = {
    madeByName: '系统管理员',
    madeAt: now - 80 * day,
    revokedAt: null,
    revokedByName: null,
    state: 'active' as const,
  };
  return [
    {
      ...base,
      id: 'key-1',
      name: '街道应急指挥平台',
      area: 'xingfu',
      scopes: ['alarms:read', 'incidents:read', 'incidents:note', 'warnings:read', 'stream:read'],
      prefix: 'yihu_3fa91c07',
      expiresAt: now + 9 * day,
      usedAt: now - 2 * minute,
      usedIp: '10.8.0.21',
    },
    {
      ...base,
      id: 'key-2',
      name: '电梯维保单位',
      area: 'xingfu/xfl',
      scopes: ['devices:read', 'windows:write'],
      prefix: 'yihu_b20e55d4',
      expiresAt: now + 210 * day,
      usedAt: null,
      usedIp: null,
    },
    {
      ...base,
      id: 'key-3',
      name: '旧大屏',
      area: 'xingfu/dxy',
      scopes: ['reports:read'],
      prefix: 'yihu_77aa0192',
      expiresAt: now + 30 * day,
      usedAt: now - 41 * day,
      usedIp: '10.8.0.7',
      state: 'revoked',
      revokedAt: now - 40 * day,
      revokedByName: '系统管理员',
    },
    {
      ...base,
      id: 'key-4',
      name: '消防联网试点',
      area: '',
      scopes: ['alarms:read'],
      prefix: 'yihu_0c4418fe',
      expiresAt: now - 5 * day,
      usedAt: now - 6 * day,
      usedIp: '172.20.3.4',
      state: 'expired',
    },
  ];
}

function webhooksAt(now: number): Webhook[] {
  const base = { madeByName: '系统管理员', madeAt: now - 60 * day, dropped: 0, pausedAt: null, pausedByName: null };
  const well = { queued: 0, dead: 0, failingSince: null, lastReason: null };
  return [
    {
      ...base,
      id: 'hook-street',
      name: '街道应急指挥平台',
      area: 'xingfu',
      url: 'https://ec.xingfu.gov.example.cn/hooks/yihu?…',
      kinds: ['alarm.raised', 'alarm.cleared', 'incident.opened', 'incident.moved', 'call.sent', 'call.closed'],
      queued: 2,
      dead: 3,
      lastSentAt: now - 26 * minute,
      failingSince: now - 25 * minute,
      lastReason: { zh: '对方答复 503', en: 'the other side answered 503' },
    },
    {
      ...base,
      ...well,
      id: 'hook-fire',
      name: '119 联动',
      area: '',
      url: 'https://link.119.example.cn/in',
      kinds: ['alarm.raised'],
      lastSentAt: now - 3 * minute,
    },
    {
      ...base,
      ...well,
      id: 'hook-own',
      name: '物业工单系统',
      area: 'xingfu/xfl',
      url: 'http://10.0.0.5:8090/yihu',
      kinds: ['incident.opened', 'incident.moved'],
      queued: 14,
      lastSentAt: now - 2 * day,
      pausedAt: now - 20 * 60 * minute,
      pausedByName: '系统管理员',
    },
  ];
}

function eventsAt(now: number): WebhookEvent[] {
  const dead = { state: 'dead' as const, attempts: 8, dueAt: null };
  const sent = { state: 'sent' as const, attempts: 1, dueAt: null, code: null, reason: null };
  const queued = { state: 'queued' as const, attempts: 0, dueAt: now + minute, settledAt: null, code: null, reason: null };
  const busy = { code: 'http-503', reason: { zh: '对方答复 503', en: 'the other side answered 503' } };
  const gone = {
    code: 'http-410',
    reason: { zh: '对方答复 410，不再接收', en: 'the other side answered 410 and takes no more' },
  };
  return [
    { ...dead, ...busy, event: 'evt-8812-0', kind: 'alarm.raised', at: now - 180 * minute, settledAt: now - 30 * minute },
    { ...dead, ...busy, event: 'evt-8813-0', kind: 'incident.opened', at: now - 179 * minute, settledAt: now - 29 * minute },
    { ...dead, ...gone, attempts: 1, event: 'evt-7020-0', kind: 'call.closed', at: now - 3 * day, settledAt: now - 3 * day },
    { ...queued, ...busy, attempts: 3, event: 'evt-9001-0', kind: 'alarm.raised', at: now - 25 * minute },
    { ...queued, event: 'evt-9002-0', kind: 'incident.opened', at: now - 25 * minute },
    { ...sent, event: 'evt-8990-0', kind: 'alarm.cleared', at: now - 26 * minute, settledAt: now - 26 * minute },
    { ...sent, attempts: 2, event: 'test-0192', kind: 'test', at: now - day, settledAt: now - day },
  ];
}

function capAt(now: number): CapEntry[] {
  const weather = { direction: 'in' as const, sender: 'qxt@weather.example.cn', status: 'Actual', incident: null };
  const own = { direction: 'out' as const, sender: 'yihu@xingfu', status: 'Actual', effect: 'sent' as const };
  const line = (identifier: string, minutes: number) => ({
    identifier,
    at: now - minutes * minute,
    sent: new Date(now).toISOString(),
  });
  return [
    {
      ...own,
      ...line('yihu.i-fire.2', 12),
      msgType: 'Update',
      headline: '幸福里 1栋 火灾，人员已派出',
      areas: ['xingfu/xfl/g1/1'],
      references: ['yihu.i-fire.1'],
      incident: 'i-fire',
    },
    {
      ...own,
      ...line('yihu.i-fire.1', 18),
      msgType: 'Alert',
      headline: '幸福里 1栋 烟雾报警',
      areas: ['xingfu/xfl/g1/1'],
      references: [],
      incident: 'i-fire',
    },
    {
      ...weather,
      ...line('rain-2026-1129-03', 40),
      msgType: 'Cancel',
      headline: '解除暴雨橙色预警',
      effect: 'cancelled',
      areas: ['xingfu/xfl', 'xingfu/dxy'],
      references: ['rain-2026-1129-02'],
    },
    {
      ...weather,
      ...line('rain-2026-1129-02', 150),
      msgType: 'Update',
      headline: '暴雨橙色预警',
      effect: 'updated',
      areas: ['xingfu/xfl', 'xingfu/dxy'],
      references: ['rain-2026-1129-01'],
    },
    {
      ...weather,
      ...line('rain-2026-1129-01b', 152),
      msgType: 'Update',
      headline: '暴雨黄色预警（更正）',
      effect: 'late',
      areas: [],
      references: ['rain-2026-1129-01'],
    },
    {
      ...weather,
      ...line('rain-2026-1129-01', 300),
      msgType: 'Alert',
      headline: '暴雨黄色预警',
      effect: 'raised',
      areas: ['xingfu/xfl'],
      references: [],
    },
    {
      ...weather,
      ...line('drill-77', 900),
      status: 'Exercise',
      msgType: 'Alert',
      headline: '燃气泄漏联合演练',
      effect: 'kept',
      areas: [],
      references: [],
    },
  ];
}

const missing: Answer = { status: 404, body: { code: 'not-found', message: { zh: '没有找到。', en: 'Not found.' } } };

export function keyRoute({ links, now }: World, method: string, id: string, body: Record<string, unknown>): Answer {
  if (method === 'GET') return { status: 200, body: links.keys };
  const key = links.keys.find((one) => one.id === id);
  if (id !== '' && key === undefined) return missing;
  if (key !== undefined) {
    Object.assign(key, { state: 'revoked', revokedAt: now, revokedByName: '系统管理员' });
    return { status: 200, body: key };
  }
  const { days, ...said } = body;
  const expiresAt = now + Number(days) * day;
  const made = { ...(links.keys[1] as ApiKey), ...said, id: 'key-new', prefix: 'yihu_9d01c3aa', madeAt: now, expiresAt };
  links.keys.unshift(made);
  return { status: 201, body: { ...made, key: 'yihu_9d01c3aa_k3JtZ0m4cQmX1yD8vB6uRrHsW2nLfP5aTgE7oYxKq9I' } };
}

export function webhookRoute({ links, now }: World, method: string, url: URL, body: Record<string, unknown>): Answer {
  const [, , , id = '', rest = '', event = ''] = url.pathname.split('/').map(decodeURIComponent);
  if (id === '' && method === 'GET') return { status: 200, body: links.webhooks };
  if (id === '') {
    const made = { ...(links.webhooks[1] as Webhook), ...body, id: 'hook-new', lastSentAt: null, madeAt: now };
    links.webhooks.unshift(made);
    return { status: 201, body: { ...made, secret: 'whsec_3mVbQy1pX0fLr7uJ9kZtNcHsD2aGwE8oTiR5qKxY4vU' } };
  }
  const hook = links.webhooks.find((one) => one.id === id);
  if (hook === undefined) return missing;
  const events = links.events.get(id) ?? [];
  if (method === 'DELETE') {
    links.webhooks = links.webhooks.filter((one) => one !== hook);
    return { status: 204, body: undefined };
  }
  if (rest === 'pause')
    Object.assign(hook, body['paused'] === true ? { pausedAt: now, pausedByName: '系统管理员' } : { pausedAt: null });
  if (rest === 'test') return { status: 202, body: { event: 'test-1' } };
  if (rest === 'events' && event !== '') {
    Object.assign(events.find((one) => one.event === event) ?? {}, { state: 'queued', attempts: 0, settledAt: null, dueAt: now });
    hook.dead -= 1;
    return { status: 202, body: { event } };
  }
  if (rest !== 'events') return { status: 200, body: hook };
  const items = events.filter(({ state }) => state === (url.searchParams.get('state') ?? 'dead'));
  return { status: 200, body: { items, total: items.length, next: null } };
}
