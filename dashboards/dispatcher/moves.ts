import { isLifeSafety } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { canMove, type IncidentDetail, type IncidentMove, isOpen } from '@yihu/device-profiles/vocabulary/incident.ts';

/** Buttons of the incident pane: fixed places, so that the hand learns them. The life itself is the vocabulary's table. */
export const desk = [
  { move: 'confirm', key: 'A' },
  { move: 'dispatch', key: 'D' },
  { move: 'arrive', key: null },
  { move: 'control', key: null },
  { move: 'resolve', key: 'R' },
  { move: 'close', key: 'C' },
  { move: 'false-alarm', key: 'X' },
] as const satisfies readonly { move: IncidentMove; key: string | null }[];

/** A short word on the button for why it cannot be pressed now. */
export type ShortWhy =
  | 'stale'
  | 'busy'
  | 'closed'
  | 'done'
  | 'confirm-first'
  | 'dispatch-first'
  | 'resolve-first'
  | 'resolved'
  | 'still-active'
  | 'reset-first'
  | 'refused';

export interface Allowance {
  allowed: boolean;
  short: ShortWhy | null;
  /** How many alarms are in the way. */
  count: number;
  /** The cloud's own sentence, where it gave one. */
  why: Text | null;
}

/** These go out at the press; the others ask first, and may be asked while something is under way. */
const atOnce: ReadonlySet<IncidentMove> = new Set(['confirm', 'arrive', 'control']);

const yes: Allowance = { allowed: true, short: null, count: 0, why: null };

function no(short: ShortWhy, count = 0, why: Text | null = null): Allowance {
  return { allowed: false, short, count, why };
}

/** What keeps a life-safety incident from being resolved: an alarm that stands, or a latch nobody has let go of. */
function unsafe(move: IncidentMove, detail: IncidentDetail): Allowance | null {
  if (move !== 'resolve') return null;
  const grave = detail.alarms.filter((alarm) => isLifeSafety(alarm.hazard));
  const active = grave.filter((alarm) => alarm.active).length;
  if (active > 0) return no('still-active', active);
  const latched = grave.filter((alarm) => alarm.latched && alarm.latch === 'until-reset').length;
  return latched > 0 ? no('reset-first', latched) : null;
}

function shortWhy(move: IncidentMove, detail: IncidentDetail): ShortWhy {
  const { state } = detail;
  if (!isOpen(state)) return 'closed';
  if (move === 'close') return 'resolve-first';
  if (state === 'resolved') return 'resolved';
  if (move === 'confirm' || (move === 'arrive' && state !== 'open' && state !== 'confirmed')) return 'done';
  if (move === 'arrive') return 'dispatch-first';
  return state === 'controlled' ? 'done' : 'confirm-first';
}

/** Confirming is also acknowledging: it stays useful while one alarm waits, whatever the incident's state. */
function acknowledgeable(detail: IncidentDetail): boolean {
  return (
    isOpen(detail.state) && detail.alarms.some((alarm) => alarm.ack === null && (alarm.active || alarm.isa.includes('unacked')))
  );
}

export function allowanceOf(move: IncidentMove, detail: IncidentDetail, stale: boolean, busy: boolean): Allowance {
  if (stale) return no('stale');
  if (busy && atOnce.has(move)) return no('busy');
  if (move === 'confirm' && acknowledgeable(detail)) return yes;
  if (!canMove(move, detail.state)) return no(shortWhy(move, detail));
  const said = detail.moves.find((one) => one.move === move);
  return said === undefined || said.allowed ? yes : (unsafe(move, detail) ?? no('refused', 0, sentenceOf(said)));
}

/** In the reader's language, where the cloud is new enough to say it in both. */
function sentenceOf({ why, whyText }: IncidentDetail['moves'][number]): Text | null {
  return whyText ?? (why === null ? null : { zh: why });
}
