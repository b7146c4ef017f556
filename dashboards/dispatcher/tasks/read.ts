import { create } from 'zustand';
import type { IncidentNeed, RunCardLine } from '@yihu/device-profiles/vocabulary/duty.ts';
import type { RollCall } from '@yihu/device-profiles/vocabulary/incident-desk.ts';
import type { TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import type { Problem, StreamEvent } from '@yihu/device-profiles/vocabulary/view.ts';
import { call, isApiError } from '../../client/api.ts';
import { after } from '../../client/clock.ts';
import { follow, useDesk } from '../desk.ts';

/** Who is on the chosen incident, what they are asked to do, and what is still missing. */
interface Forces {
  /** The incident these are of. */
  of: string | null;
  /** False until they were read: that nothing is below says nothing before. */
  known: boolean;
  card: readonly RunCardLine[];
  tasks: readonly TaskSummary[];
  needs: readonly IncidentNeed[];
  rollCall: RollCall | null;
  problem: Problem | null;
}

const nothing: Forces = { of: null, known: false, card: [], tasks: [], needs: [], rollCall: null, problem: null };

export const useForces = create<Forces>(() => nothing);

const set = useForces.setState;
const get = useForces.getState;
const pauseMs = 700;
/** What could not be read is asked for again this soon. */
const againMs = 10_000;
export const tasksMost = 100;
let asked = 0;

/** Reads everything about one incident; the answer to the last question counts. */
export async function readForces(id: string): Promise<void> {
  asked += 1;
  const mine = asked;
  const path = `/api/incidents/${encodeURIComponent(id)}`;
  try {
    const [card, { items: tasks }, needs, rollCalls] = await Promise.all([
      call<RunCardLine[]>('GET', `${path}/run-card`),
      call<{ items: TaskSummary[] }>('GET', `/api/tasks?incident=${encodeURIComponent(id)}&state=all&limit=${tasksMost}`),
      call<IncidentNeed[]>('GET', `${path}/needs`),
      call<RollCall[]>('GET', `${path}/roll-calls`),
    ]);
    if (mine === asked) set({ of: id, known: true, card, tasks, needs, rollCall: rollCalls[0] ?? null, problem: null });
  } catch (error) {
    if (!isApiError(error)) throw error;
    if (mine !== asked) return;
    set(get().of === id ? { problem: error.problem } : { ...nothing, of: id, problem: error.problem });
    after(againMs, () => {
      if (mine === asked && useDesk.getState().selected === id) void readForces(id);
    });
  }
}

let callOff: (() => void) | null = null;

/** News of the incident or of any task: read again, once for a burst. */
export function readForcesSoon(): void {
  callOff ??= after(pauseMs, () => {
    callOff = null;
    const { selected } = useDesk.getState();
    if (selected !== null) void readForces(selected);
  });
}

function take(event: StreamEvent): void {
  const mine = event.type === 'incident' && event.incident.id === useDesk.getState().selected;
  if (mine || event.type === 'task' || event.type === 'responder' || event.type === 'resync') readForcesSoon();
}

follow(take);

/** How many people the run card still misses. */
export function missingOf(card: readonly RunCardLine[]): number {
  return card.reduce((sum, { missing }) => sum + missing, 0);
}
