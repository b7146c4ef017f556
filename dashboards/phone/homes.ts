import type { CallPerson } from '@yihu/device-profiles/vocabulary/call.ts';
import type { PersonDetail, PersonSummary } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import type { TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import { call, isApiError } from '../client/api.ts';
import type { HomeCopy } from './kept.ts';

/** People of one home the phone takes along. */
const mostPeople = 12;

/** Who is gone to and has taken it on: nobody's data is carried about before. */
export function isUnderWay({ kind, state }: TaskSummary): boolean {
  return (kind === 'visit' || kind === 'door-knock') && ['accepted', 'en-route', 'on-scene'].includes(state);
}

/**
 * Who lives where somebody is sent to: asked once for each state of a task, because every look at a person is written
 * down, and forgotten with the task. The same object where nothing changed.
 */
export async function homesOf(tasks: readonly TaskSummary[], known: Record<string, HomeCopy>): Promise<Record<string, HomeCopy>> {
  const wanted = tasks.filter(isUnderWay);
  const isSame = wanted.length === Object.keys(known).length && wanted.every(({ id, version }) => known[id]?.version === version);
  if (isSame) return known;
  const homes: Record<string, HomeCopy> = {};
  for (const task of wanted) {
    const before = known[task.id];
    homes[task.id] = before?.version === task.version ? before : await askHome(task);
  }
  return homes;
}

async function askHome(task: TaskSummary): Promise<HomeCopy> {
  const people = await peopleAt(task.area);
  const answers = task.source.kind === 'call' ? await answersAt(task.source.id, task.area) : null;
  return { version: task.version, people, answers };
}

/** People of a home as this person may know them; null where they may not, or where the place is larger than a home. */
export async function peopleAt(area: string): Promise<PersonDetail[] | null> {
  const page = await allowed<{ items: PersonSummary[]; total: number }>(
    `/api/people?limit=${mostPeople}&area=${encodeURIComponent(area)}`,
  );
  if (page === null || page.total > mostPeople) return null;
  const details: PersonDetail[] = [];
  for (const { id } of page.items) {
    const detail = await allowed<PersonDetail>(`/api/people/${encodeURIComponent(id)}`);
    if (detail !== null) details.push(detail);
  }
  return details;
}

async function answersAt(id: string, area: string): Promise<CallPerson[] | null> {
  const path = `/api/calls/${encodeURIComponent(id)}/people?show=all&area=${encodeURIComponent(area)}`;
  return (await allowed<{ items: CallPerson[] }>(path))?.items ?? null;
}

/** Null where this person may not: they see no form, and everything else goes on. */
async function allowed<T>(path: string): Promise<T | null> {
  try {
    return await call<T>('GET', path);
  } catch (error) {
    if (isApiError(error) && [400, 403, 404].includes(error.status)) return null;
    throw error;
  }
}
