import { useMemo, useState } from 'react';
import { type IncidentDetail, type IncidentMove, isOpen } from '@yihu/device-profiles/vocabulary/incident.ts';
import { isStale } from '../client/pulse.ts';
import { keepSetting, readSetting } from '../client/settings.ts';
import { acknowledge, canReset, canShelve, reset } from './act.ts';
import { isUnacked, queueOf, shownOf } from './board.ts';
import { choose, fold, show, turnTo, useDesk } from './desk.ts';
import { useShortcuts } from '../client/keys.ts';
import { type Later } from '../client/later.ts';
import { calls } from './later-parts.ts';
import { allowanceOf } from './moves.ts';
import { shotsOf } from './shots.ts';
import { mute } from './sound/sound.ts';

/** Dialogs of the part about forces and tasks. */
export type TaskDialogName = 'need' | 'merge' | 'split' | 'command' | 'roll-call' | 'onward';

export type DialogName =
  | TaskDialogName
  | 'sound'
  | 'help'
  | 'dispatch'
  | 'false-alarm'
  | 'resolve'
  | 'close'
  | 'cancel'
  | 'reopen'
  | 'shelve'
  | 'skip'
  | 'note'
  | 'picture'
  | 'call';

/** What the queue shows now, in its order, for the arrow keys. */
function visibleQueue() {
  const { board, filter, folded, selected } = useDesk.getState();
  return board === null ? [] : shownOf(queueOf(board), filter, folded, selected);
}

function step(by: 1 | -1): void {
  const queue = visibleQueue();
  const { selected } = useDesk.getState();
  const index = queue.findIndex((incident) => incident.id === selected);
  const next = index === -1 ? queue[0] : queue[Math.min(queue.length - 1, Math.max(0, index + by))];
  if (next === undefined) return;
  bring(next.id);
}

function bring(id: string): void {
  choose(id);
  requestAnimationFrame(() => document.getElementById(`incident-${id}`)?.scrollIntoView({ block: 'nearest' }));
}

/** A key that is about the incident first brings it back to the front, where it can be seen what the next press will do. */
function isInFront(): boolean {
  const { front } = useDesk.getState();
  if (front.kind !== 'incident') show({ kind: 'incident' });
  return front.kind === 'incident';
}

function ifAllowed(move: IncidentMove, run: (detail: IncidentDetail) => void): void {
  const { detail, busy } = useDesk.getState();
  if (!isInFront()) return;
  if (detail !== null && allowanceOf(move, detail, isStale(), busy).allowed) run(detail);
}

function ifCurrent(run: (detail: IncidentDetail) => void): void {
  const { detail } = useDesk.getState();
  if (isInFront() && detail !== null && !isStale()) run(detail);
}

function ifOpen(run: (detail: IncidentDetail) => void): void {
  ifCurrent((detail) => (isOpen(detail.state) ? run(detail) : undefined));
}

/** A is meant for what is in front. Where that was acknowledged, what has waited longest comes to the front, to be seen before the next A. */
function acknowledgeOrBring(): void {
  const { detail, front } = useDesk.getState();
  const next = visibleQueue().find(isUnacked);
  const stands = front.kind === 'incident' && detail !== null && !isUnacked(detail);
  if (stands && next !== undefined && next.id !== detail.id) bring(next.id);
  else ifAllowed('confirm', (one) => void acknowledge(one));
}

function focusOn(id: string): void {
  document.getElementById(id)?.focus();
}

function withPart<T>(part: Later<T>, run: (part: T) => void): void {
  const standing = part.standing();
  if (standing.state === 'here') run(standing.part);
}

/** 1–9: the telephones of an incident, in the order they stand there. */
function dial(key: string): void {
  if (isInFront()) document.querySelector<HTMLElement>(`[data-dial="${key}"]`)?.click();
}

const digits = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];

function deskKeys(open: (name: DialogName) => void): Record<string, () => void> {
  const openIf = (move: IncidentMove, name: DialogName) => () => ifAllowed(move, () => open(name));
  return {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    j: () => step(1),
    k: () => step(-1),
    Enter: () => focusOn(`${useDesk.getState().front.kind}-title`),
    Escape: () => show({ kind: 'incident' }),
    a: acknowledgeOrBring,
    d: openIf('dispatch', 'dispatch'),
    r: openIf('resolve', 'resolve'),
    c: openIf('close', 'close'),
    x: openIf('false-alarm', 'false-alarm'),
    z: () => ifCurrent((detail) => (detail.alarms.some(canShelve) ? open('shelve') : undefined)),
    e: () => ifCurrent((detail) => (detail.alarms.some(canReset) ? void reset(detail) : undefined)),
    f: fold,
    n: () => ifCurrent(() => open('note')),
    v: () => look(open),
    b: () => show({ kind: 'shift' }),
    q: () => focusOn('post-answer'),
    m: () => (isStale() ? undefined : open('call')),
    h: () => withPart(calls, ({ nextHelp }) => void nextHelp()),
    t: () => turnTo(useDesk.getState().face === 'forces' ? 'timeline' : 'forces'),
    l: () => ifOpen(() => open('command')),
    p: () => ifOpen((detail) => (detail.legs.length > 0 ? open('roll-call') : undefined)),
    g: () => ifOpen(() => open('merge')),
    o: () => ifOpen(({ hazard, state }) => (hazard === 'fire' && state !== 'open' ? open('onward') : undefined)),
    ...Object.fromEntries(digits.map((key) => [key, () => dial(key)])),
    s: mute,
    '/': () => focusOn('queue-search'),
    '?': () => open('help'),
  };
}

/** Looking changes nothing, so it may be done on a stale screen too; the picture says its age. */
function look(open: (name: DialogName) => void): void {
  const { detail } = useDesk.getState();
  if (isInFront() && detail !== null && shotsOf(detail.alarms).length > 0) open('picture');
}

/** The keys of the desk; a person may switch the single letters off, and the choice stays. */
export function useDeskKeys(open: (name: DialogName) => void): { enabled: boolean; toggle: () => void } {
  const [enabled, setEnabled] = useState(() => readSetting('keys') !== 'off');
  const keys = useMemo(() => deskKeys(open), [open]);
  useShortcuts(keys, enabled);
  const toggle = () => {
    keepSetting('keys', enabled ? 'off' : 'on');
    setEnabled(!enabled);
  };
  return { enabled, toggle };
}
