import { create } from 'zustand';
import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import type { CallSummary } from '@yihu/device-profiles/vocabulary/call.ts';
import { type IncidentDetail, type IncidentSummary, isOpen } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { Problem, Session, Snapshot, StreamEvent } from '@yihu/device-profiles/vocabulary/view.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { ApiError, call, isApiError } from '../client/api.ts';
import { after, cloudNow, learnCloudTime } from '../client/clock.ts';
import { heardNow } from '../client/pulse.ts';
import { currentSession, goSignIn } from '../client/session.ts';
import { keepSetting, readSetting } from '../client/settings.ts';
import { followStream } from '../client/stream.ts';
import { type Board, boardOf, heard, openCalls, queueOf } from './board.ts';

/** A short message about the last action, shown until the next one. */
export interface Notice {
  kind: 'done' | 'conflict' | 'failed';
  problem: Problem | null;
  /** Who was first, where somebody was. */
  first: { name: string; at: number; did: Text } | null;
  retry: (() => void) | null;
}

/** What stands in the middle: the chosen incident, one call, or the shift. */
export type Front = { kind: 'incident' } | { kind: 'call'; id: string } | { kind: 'shift' };

/** What stands in the lower corner of an incident. */
export type Face = 'timeline' | 'forces' | 'contacts';

export type Phase = 'loading' | 'ready' | 'failed' | 'forbidden';

function faceOf(kept: string | null): Face {
  return kept === 'forces' || kept === 'contacts' ? kept : 'timeline';
}

/** Read beside the board, each by itself. */
type Beside = 'calls' | 'shelves';

interface Desk {
  phase: Phase;
  problem: Problem | null;
  session: Session | null;
  board: Board | null;
  /** Why a list beside the board could not be read; what stands there is older, or nothing. */
  unread: Record<Beside, Problem | null>;
  connected: boolean;
  front: Front;
  selected: string | null;
  detail: IncidentDetail | null;
  /** Why it could not be read, or read anew: then it is of `detailAt`. */
  detailProblem: Problem | null;
  detailAt: number;
  filter: string;
  face: Face;
  /** F: level IV out of the way. */
  folded: boolean;
  /** The step somebody is about to skip. */
  skipping: string | null;
  notice: Notice | null;
  busy: boolean;
}

export const useDesk = create<Desk>(() => ({
  phase: 'loading',
  problem: null,
  session: null,
  board: null,
  unread: { calls: null, shelves: null },
  connected: true,
  front: { kind: 'incident' },
  selected: null,
  detail: null,
  detailProblem: null,
  detailAt: 0,
  filter: '',
  face: faceOf(readSetting('face')),
  folded: readSetting('fold') === 'on',
  skipping: null,
  notice: null,
  busy: false,
}));

const set = useDesk.setState;
const get = useDesk.getState;

/** Opens the desk: session, snapshot, stream. Returns what shuts it. Called again by "retry". */
export function openDesk(): () => void {
  let shut: (() => void) | null = null;
  let called = false;
  void start().then(
    (stop) => {
      if (called) stop();
      else shut = stop;
    },
    (error: unknown) => failWhole(error),
  );
  return () => {
    called = true;
    shut?.();
  };
}

const nothing = () => undefined;

async function start(): Promise<() => void> {
  set({ phase: 'loading', problem: null });
  const session = await currentSession();
  if (session === null) {
    goSignIn();
    return nothing;
  }
  const snapshot = await call<Snapshot>('GET', '/api/snapshot');
  takeSnapshot(snapshot);
  const first = queueOf(boardOf(snapshot))[0];
  set({ phase: 'ready', session });
  if (first !== undefined) select(first.id);
  return followStream(snapshot.stream, { onEvent: take, onBroken });
}

function takeSnapshot(snapshot: Snapshot): void {
  learnCloudTime(snapshot.at);
  heardNow();
  // What is read beside the snapshot stays until it is read anew: a list that blinks looks like news.
  const { calls = null, shelves = null } = get().board ?? {};
  set({ board: { ...boardOf(snapshot), calls, shelves }, connected: true });
  readBeside.shelves();
  readBeside.calls();
}

/** What could not be read is asked for again this soon. */
const againMs = 10_000;

/** Reads a list beside the board, so that no work waits for it; where it cannot, that is said, and it is tried again until it can. */
function beside(name: Beside, read: () => Promise<void>): () => void {
  let callOff: (() => void) | null = null;
  const say = (problem: Problem | null) => set(({ unread }) => ({ unread: { ...unread, [name]: problem } }));
  const look = () => {
    callOff?.();
    read().then(
      () => say(null),
      (error: unknown) => {
        if (!isApiError(error)) throw error;
        say(error.problem);
        callOff = after(againMs, look);
      },
    );
  };
  return look;
}

export const readBeside: Readonly<Record<Beside, () => void>> = {
  calls: beside('calls', readCalls),
  shelves: beside('shelves', readShelves),
};

/** The cloud lists no more of them at once. */
const besideMost = 100;

let callsHeard = 0;

/** The open calls; where the stream spoke of one meanwhile they are read again. */
async function readCalls(): Promise<void> {
  const heardBefore = callsHeard;
  const states = openCalls.map((state) => `state=${state}`).join('&');
  const { items } = await call<{ items: CallSummary[] }>('GET', `/api/calls?${states}&limit=${besideMost}`);
  if (callsHeard !== heardBefore) return readCalls();
  const { board } = get();
  if (board !== null) set({ board: { ...board, calls: Object.fromEntries(items.map((one) => [one.id, one])) } });
}

/** Brings a call, the shift or the incident to the front. */
export function show(front: Front): void {
  set({ front, notice: null });
}

const followers = new Set<(event: StreamEvent) => void>();

/** For the parts that come later: every event of the stream, after the board has taken it. Returns what ends it. */
export function follow(follower: (event: StreamEvent) => void): () => void {
  followers.add(follower);
  return () => followers.delete(follower);
}

/** The shelf; its count is the snapshot's where it holds more than are listed. */
async function readShelves(): Promise<void> {
  const { items } = await call<{ items: Alarm[] }>('GET', `/api/alarms?open=true&shelved=true&limit=${besideMost}`);
  const { board } = get();
  const shelves = Object.fromEntries(items.map((alarm) => [alarm.id, alarm]));
  if (board !== null) set({ board: { ...board, shelves, shelved: items.length < besideMost ? items.length : board.shelved } });
}

/** T: the timeline or the forces; on a low screen the household has a turn too. The choice stays. */
export function turnTo(face: Face): void {
  keepSetting('face', face);
  set({ face });
}

/** F: folds level IV away or brings it back; the choice stays. */
export function fold(): void {
  const folded = !get().folded;
  keepSetting('fold', folded ? 'on' : 'off');
  set({ folded });
}

function failWhole(error: unknown): void {
  if (!isApiError(error)) throw error;
  if (error.status === 401) goSignIn();
  else set({ phase: error.status === 403 || error.status === 404 ? 'forbidden' : 'failed', problem: error.problem });
}

/** Each try to reconnect also asks whether the session still stands; the stream itself cannot say. */
function onBroken(tries: number): void {
  set({ connected: false });
  if (tries < 2) return;
  currentSession().then(
    (session) => {
      if (session === null) goSignIn();
    },
    (error: unknown) => {
      // Still out of reach: the banner says so, and the stream goes on trying.
      if (!isApiError(error)) throw error;
    },
  );
}

function take(event: StreamEvent): void {
  if (event.type === 'beat') learnCloudTime(event.at);
  heardNow();
  const { board, connected } = get();
  if (!connected) set({ connected: true });
  if (event.type === 'resync') void refresh();
  if (board === null) return;
  const after = heard(board, event);
  if (after !== board) set({ board: after });
  if (event.type === 'incident') takeIncident(event.incident);
  if (event.type === 'alarm') takeAlarm(event.alarm);
  if (event.type === 'call') callsHeard += 1;
  for (const follower of followers) follower(event);
}

/** The open pane follows its incident; where none was open, or one that is finished, the next to come opens, so that A is meant for it. */
function takeIncident(incident: IncidentSummary): void {
  const { selected, detail } = get();
  if (selected === incident.id) return void loadDetail(incident.id);
  const free = selected === null || (detail !== null && !isOpen(detail.state) && document.querySelector('dialog[open]') === null);
  if (free && isOpen(incident.state)) select(incident.id);
}

function takeAlarm(alarm: Alarm): void {
  const { detail } = get();
  if (detail === null || alarm.incident !== detail.id) return;
  const others = detail.alarms.filter((known) => known.id !== alarm.id);
  const known = detail.alarms.find((one) => one.id === alarm.id);
  if (known !== undefined && known.version >= alarm.version) return;
  set({ detail: { ...detail, alarms: [...others, alarm].sort((a, b) => a.raisedAt - b.raisedAt) } });
}

/** The stream could not replay what was missed: everything is read anew. */
export async function refresh(): Promise<void> {
  try {
    takeSnapshot(await call<Snapshot>('GET', '/api/snapshot'));
    const { selected } = get();
    if (selected !== null) await loadDetail(selected);
  } catch (error) {
    failWhole(error);
  }
}

/** The hand chose this incident: it comes to the front. */
export function choose(id: string): void {
  show({ kind: 'incident' });
  select(id);
}

function select(id: string): void {
  if (get().selected === id && get().detail !== null) return;
  set({ selected: id, detail: null, detailProblem: null, notice: null });
  void loadDetail(id);
}

let asked = 0;

/** Only the answer to the last question counts; an older one that comes late is dropped. */
export async function loadDetail(id: string): Promise<void> {
  asked += 1;
  const mine = asked;
  try {
    const detail = await call<IncidentDetail>('GET', `/api/incidents/${encodeURIComponent(id)}`);
    if (mine === asked && get().selected === id) takeDetail(detail);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (mine !== asked || get().selected !== id) return;
    set({ detailProblem: error.problem });
    after(againMs, () => {
      if (mine === asked && get().selected === id) void loadDetail(id);
    });
  }
}

function takeDetail(detail: IncidentDetail): void {
  const { board } = get();
  set({ detail, detailProblem: null, detailAt: cloudNow() });
  if (board !== null) set({ board: heard(board, { type: 'incident', at: detail.updatedAt, incident: detail }) });
}
