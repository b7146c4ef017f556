import type { DutyGap, HandOver, HandOverItem, OnDuty } from '@yihu/device-profiles/vocabulary/duty.ts';
import type { PostCheck } from '@yihu/device-profiles/vocabulary/incident-desk.ts';
import { isOpen } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { Answer, World } from './fixture-api.ts';

const hour = 3_600_000;

/** The shift of the fixture's desk. */
export interface ShiftWork {
  handOvers: HandOver[];
  gaps: DutyGap[];
  onDuty: OnDuty[];
  checks: PostCheck[];
}

export function shiftAt(now: number): ShiftWork {
  const person = (id: string, name: string, role: OnDuty['role'], state: OnDuty['state']): OnDuty => ({
    person: id,
    name,
    role,
    area: 'xingfu',
    state,
    until: now + 4 * hour,
  });
  return {
    handOvers: [],
    gaps: [
      { area: 'xingfu', role: 'grid-worker', from: now + 6 * hour, to: now + 14 * hour, missing: 1 },
      { area: 'xingfu', role: 'dispatcher', from: now + 14 * hour, to: now + 18 * hour, missing: 1 },
    ],
    onDuty: [
      person('u-wang', '王芳', 'dispatcher', 'here'),
      person('p-zhao', '赵强', 'grid-worker', 'here'),
      person('p-ma', '马丽', 'property', 'absent'),
      person('p-liu', '刘洋', 'grid-worker', 'extra'),
      // One person with two grants.
      person('p-liu', '刘洋', 'property', 'extra'),
    ],
    checks: [],
  };
}

/** Somebody asks whether the desk is manned. */
export function askPost(world: World): PostCheck {
  const now = Date.now();
  const check: PostCheck = {
    id: 'post-1',
    area: 'xingfu',
    areaName: '幸福街道',
    question: '4827',
    askedAt: now,
    askedByName: '郑审计',
    answerBy: now + 60_000,
    answeredAt: null,
    answeredByName: null,
    wrong: 0,
    state: 'asked',
  };
  world.shift.checks = [check];
  return check;
}

function itemsOf(world: World): HandOverItem[] {
  const incidents = [...world.details.values()].filter(({ state }) => isOpen(state));
  return [
    ...incidents.map(({ id, number, title }): HandOverItem => ({
      kind: 'incident',
      id,
      text: { zh: `${number} ${title.zh}`, en: number },
    })),
    { kind: 'shelved', id: 'a-shelved', text: { zh: '已搁置 东门摄像机 画面遮挡', en: 'Shelved: East gate camera' } },
    { kind: 'window', id: 'mw-1', text: { zh: '维护窗口 更换烟感', en: 'Maintenance: smoke detectors' } },
    { kind: 'gap', id: 'gap-1', text: { zh: '缺岗 网格员 1 人', en: 'Missing: 1 grid worker' } },
  ];
}

function refused(zh: string, en: string): Answer {
  return { status: 409, body: { code: 'not-allowed', message: { zh, en } } };
}

/** A hand-over made by somebody else and signed by them. */
export function offeredByOther(world: World): void {
  const at = Date.now() - 60_000;
  const note = { text: '春晖 B 梯本周第三次困人，已催维保', byName: '周敏', at };
  world.shift.handOvers = [
    { ...made(world, 'ho-other', 'xingfu', ['u-zhou', '周敏'], at), state: 'offered', outgoingAt: at, notes: [note] },
  ];
}

function made(world: World, id: string, area: string, [outgoing, outgoingName]: [string, string], at: number): HandOver {
  return {
    id,
    area,
    state: 'draft',
    items: itemsOf(world),
    notes: [],
    outgoing,
    outgoingName,
    outgoingAt: null,
    incoming: null,
    incomingName: null,
    incomingAt: null,
    createdAt: at,
    version: 1,
  };
}

export function handOverRoute(world: World, method: string, id: string, rest: string, body: Record<string, unknown>): Answer {
  const { handOvers } = world.shift;
  if (id === 'proposal') return { status: 200, body: itemsOf(world) };
  if (id === '' && method === 'GET') return { status: 200, body: handOvers };
  const now = Date.now();
  if (id === '') {
    const one = made(world, `ho-${handOvers.length + 1}`, String(body['area']), [world.me, '王芳'], now);
    handOvers.unshift(one);
    return { status: 201, body: one };
  }
  const held = handOvers.find((one) => one.id === id);
  if (held === undefined) return { status: 404, body: { code: 'not-found', message: { zh: '没有找到。' } } };
  if (rest === 'notes') held.notes.push({ text: String(body['text']), byName: '王芳', at: now });
  else if (held.state === 'draft') Object.assign(held, { state: 'offered', outgoingAt: now });
  else if (held.outgoing === world.me) return refused('接班人要另一个人签字', 'Somebody else must sign');
  else Object.assign(held, { state: 'taken', incoming: world.me, incomingName: '王芳', incomingAt: now });
  return { status: 200, body: held };
}

export function postRoute(world: World, method: string, body: Record<string, unknown>): Answer {
  const [check] = world.shift.checks;
  if (method === 'GET') return { status: 200, body: world.shift.checks };
  if (check === undefined) return { status: 404, body: { code: 'not-found', message: { zh: '没有找到。' } } };
  if (body['answer'] !== check.question) return refused('数字不对，请再看一遍', 'That is not the number; look again');
  world.shift.checks = [];
  return { status: 200, body: { ...check, state: 'answered' } };
}
