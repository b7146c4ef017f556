import type { IncidentNeed, RunCardLine } from '@yihu/device-profiles/vocabulary/duty.ts';
import type { RollCall } from '@yihu/device-profiles/vocabulary/incident-desk.ts';
import type { IncidentDetail, Leg } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { IncidentPeople } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import type { TaskCandidate, TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import { type Answer, publish, type World } from './fixture-api.ts';
import { responders } from './fixture-site.ts';

const minute = 60_000;

/** What belongs to incidents beyond their detail. */
export interface IncidentWork {
  tasks: TaskSummary[];
  needs: IncidentNeed[];
  rollCalls: RollCall[];
  people: Map<string, IncidentPeople>;
}

const notThere = { code: 'not-found', message: { zh: '没有找到。', en: 'Not found.' } };

const nameOf = (id: unknown) => responders.find((one) => one.id === id)?.name ?? String(id);

function leg(id: string, person: string, state: Leg['state'], at: number): Leg {
  return { id, person, personName: nameOf(person), state, at };
}

interface Errand {
  id: string;
  incident: string;
  title: string;
  state: TaskSummary['state'];
  legs: Leg[];
  trouble?: string;
}

function errand(now: number, { id, incident, title, state, legs, trouble }: Errand): TaskSummary {
  const last = legs.at(-1);
  const has = state !== 'created' && last !== undefined;
  return {
    id,
    kind: 'dispatch',
    state,
    title: { zh: title, en: 'Dispatch' },
    note: null,
    area: 'xingfu/xfl/g1/3/2/502',
    areaName: '502',
    place: '幸福里 3栋2单元502',
    position: null,
    source: { kind: 'incident', id: incident },
    incident,
    person: has ? last.person : null,
    personName: has ? last.personName : null,
    offeredUntil: state === 'offered' ? now + 42_000 : null,
    dueAt: null,
    createdAt: now - 3 * minute,
    createdByName: '王芳',
    updatedAt: now,
    trouble: trouble === undefined ? null : { zh: trouble, en: 'Nobody is free' },
    checked: false,
    checks: [],
    legs,
    version: 1,
  };
}

/** One who did not answer, one who cannot go, one who is asked; an errand nobody has; a need under way; a roll call. */
export function someForces(world: World): void {
  const { now } = world;
  world.work.tasks = [
    errand(now, {
      id: 't-1',
      incident: 'i-fire',
      title: '出动：烟感报警',
      state: 'offered',
      legs: [
        leg('l-1', 'p-zhao', 'expired', now - 2 * minute),
        leg('l-2', 'p-sun', 'declined', now - minute),
        leg('l-3', 'p-liu', 'offered', now - 18_000),
      ],
    }),
    errand(now, {
      id: 't-2',
      incident: 'i-fire',
      title: '需要器材 2：东门',
      state: 'created',
      legs: [],
      trouble: '在岗的都有任务',
    }),
  ];
  world.work.needs = [
    {
      id: 'n-1',
      incident: 'i-fire',
      kind: 'equipment',
      count: 2,
      place: '东门',
      state: 'answered',
      task: 't-2',
      byName: '王芳',
      at: now - minute,
    },
  ];
  world.work.rollCalls = [
    {
      id: 'r-1',
      incident: 'i-fire',
      at: now - 50_000,
      byName: '王芳',
      answerBy: now + 10_000,
      people: [
        { person: 'p-zhao', name: '赵强', state: 'safe', at: now - 30_000, note: null },
        { person: 'p-sun', name: '孙磊', state: 'help', at: now - 20_000, note: '四楼出不来' },
        { person: 'p-liu', name: '刘洋', state: 'asked', at: null, note: null },
      ],
    },
  ];
}

export function candidatesFor(task: TaskSummary): TaskCandidate[] {
  return responders
    .filter(({ onDuty }) => onDuty)
    .map(({ id, name, incident, metres }) => ({
      id,
      name,
      onDuty: true,
      busy: incident !== null,
      rostered: true,
      located: metres === null ? ('unknown' as const) : ('fresh' as const),
      metres,
      locatedAt: null,
      asked: task.legs.some(({ person, state }) => person === id && state === 'declined') ? ('declined' as const) : null,
    }))
    .sort((a, b) => Number(a.busy) - Number(b.busy) || (a.metres ?? 9e9) - (b.metres ?? 9e9));
}

export function taskRoute(world: World, method: string, url: URL, body: Record<string, unknown>): Answer {
  const [, , , id = '', rest = ''] = url.pathname.split('/').map(decodeURIComponent);
  const tasks = [...world.work.tasks, ...[...world.calls.values()].flatMap((call) => call.tasks)];
  if (id === '') {
    const source = url.searchParams.get('source');
    const incident = url.searchParams.get('incident');
    const items = tasks.filter(
      (one) => (source === null || one.source.id === source) && (incident === null || one.incident === incident),
    );
    return { status: 200, body: { items, total: items.length, next: null } };
  }
  const task = tasks.find((one) => one.id === id);
  if (task === undefined) return { status: 404, body: { code: 'not-found', message: { zh: '没有找到。' } } };
  if (rest === 'candidates') return { status: 200, body: candidatesFor(task) };
  if (method === 'POST') offer(world, task, String(body['person']));
  return { status: 200, body: { ...task, timeline: [] } };
}

function offer(world: World, task: TaskSummary, person: string): void {
  const now = Date.now();
  Object.assign(task, {
    state: 'offered',
    person,
    personName: nameOf(person),
    trouble: null,
    offeredUntil: now + 60_000,
    legs: [...task.legs, leg(`l-${task.legs.length + 9}`, person, 'offered', now)],
    version: task.version + 1,
  });
  world.events.push({ type: 'task', at: now, task: task.id, state: 'offered', person });
}

function cardOf(detail: IncidentDetail): RunCardLine[] {
  const sent = detail.legs.length;
  const missing = detail.hazard === 'fire' ? 2 : 0;
  const text = { zh: '没有人在岗', en: 'nobody is on duty' };
  return [
    {
      role: 'property',
      wanted: 2,
      sent: 0,
      missing,
      reason: missing === 0 ? null : 'nobody-on-duty',
      text: missing === 0 ? null : text,
    },
    { role: 'grid-worker', wanted: 1, sent: Math.max(1, sent), missing: 0, reason: null, text: null },
  ];
}

/** What is asked of or done with one incident beyond moving it; null where the path is another's. */
export function incidentWork(
  world: World,
  method: string,
  id: string,
  rest: string,
  body: Record<string, unknown>,
): Answer | null {
  const detail = world.details.get(id);
  if (detail === undefined) return null;
  if (method === 'GET') {
    const people = world.work.people.get(id);
    if (rest === 'people') return people === undefined ? { status: 404, body: notThere } : { status: 200, body: people };
    if (rest === 'run-card') return { status: 200, body: cardOf(detail) };
    if (rest === 'needs') return { status: 200, body: world.work.needs.filter(({ incident }) => incident === id) };
    if (rest === 'roll-calls') return { status: 200, body: world.work.rollCalls.filter(({ incident }) => incident === id) };
    return null;
  }
  const next = { ...detail, version: detail.version + 1 };
  if (rest === 'command') {
    const commander = body['commander'] === undefined ? detail.commander : nameOf(body['commander']);
    publish(world, { ...next, commander, severity: (body['severity'] as Severity | undefined) ?? detail.severity });
    return { status: 200, body: world.details.get(id) };
  }
  if (rest === 'onward') return { status: 200, body: detail };
  if (rest === 'roll-calls') return callRoll(world, detail);
  if (rest === 'needs') return need(world, detail, body);
  if (rest === 'merge') {
    publish(world, { ...next, state: 'merged' });
    return { status: 200, body: world.details.get(String(body['into'])) };
  }
  if (rest === 'split') {
    const gone = body['alarms'] as string[];
    const alarms = detail.alarms.filter((alarm) => !gone.includes(alarm.id));
    publish(world, { ...next, alarms, alarmCount: alarms.length });
    const own = detail.alarms.filter((alarm) => gone.includes(alarm.id));
    publish(world, { ...detail, id: `${id}-split`, alarms: own, alarmCount: own.length });
    return { status: 200, body: world.details.get(id) };
  }
  return null;
}

function callRoll(world: World, detail: IncidentDetail): Answer {
  const at = Date.now();
  const people = detail.legs.map(({ person, personName }) => ({
    person,
    name: personName,
    state: 'asked' as const,
    at: null,
    note: null,
  }));
  const id = `r-${world.work.rollCalls.length + 1}`;
  world.work.rollCalls.unshift({ id, incident: detail.id, at, byName: '王芳', answerBy: at + minute, people });
  return { status: 200, body: detail };
}

function need(world: World, detail: IncidentDetail, body: Record<string, unknown>): Answer {
  const id = `n-${world.work.needs.length + 1}`;
  const task = errand(Date.now(), {
    id: `t-${id}`,
    incident: detail.id,
    title: '需求',
    state: 'created',
    legs: [],
    trouble: '没有空闲的人',
  });
  const one: IncidentNeed = {
    id,
    incident: detail.id,
    kind: body['kind'] as IncidentNeed['kind'],
    count: Number(body['count']),
    place: String(body['place']),
    state: 'answered',
    task: task.id,
    byName: '王芳',
    at: Date.now(),
  };
  world.work.tasks.push(task);
  world.work.needs.push(one);
  return { status: 201, body: one };
}
