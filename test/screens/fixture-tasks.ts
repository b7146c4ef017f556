import type { TaskCandidate, TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import type { Answer, World } from './fixture-api.ts';
import { responders } from './fixture-site.ts';

/** Tasks as the cloud has them: those that came of a call, and those of an incident. */
function allTasks(world: World): TaskSummary[] {
  return [...world.calls.values()].flatMap(({ tasks }) => tasks);
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
  const tasks = allTasks(world);
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
  if (method === 'POST') {
    const name = responders.find((one) => one.id === body['person'])?.name ?? null;
    Object.assign(task, {
      state: 'offered',
      person: body['person'],
      personName: name,
      trouble: null,
      offeredUntil: Date.now() + 60_000,
      version: task.version + 1,
    });
    world.events.push({ type: 'task', at: Date.now(), task: id, state: 'offered', person: task.person });
  }
  return { status: 200, body: { ...task, timeline: [] } };
}
