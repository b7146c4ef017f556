import type {
  DutyGap,
  DutyNeed,
  HandOver,
  HandOverItem,
  IncidentNeed,
  OnDuty,
  RunCardLine,
  Shift,
} from '@yihu/device-profiles/vocabulary/duty.ts';
import type { Desk } from './commands.ts';
import { draftHandOver, listHandOvers, noteHandOver, proposeItems, signHandOver } from './hand-overs.ts';
import type { Actor, Outcome, Scope } from './records.ts';
import { addShift, cancelShift, dutyGaps, listShifts, type NewShift, onDuty, putDutyNeed } from './roster.ts';
import { addNeed, listNeeds, type NewNeed, runCard } from './run-cards.ts';

interface Span {
  readonly from: number;
  readonly to: number;
}

/** 值班: roster, hand-over, run cards and needs. That an area named is the actor's own, the caller sees to. */
export interface Duty {
  shifts(scope: Scope, span: Span): Promise<readonly Shift[]>;
  addShift(actor: Actor, asked: NewShift): Promise<Outcome<Shift>>;
  cancelShift(scope: Scope, id: string): Promise<Outcome<Shift>>;
  putNeed(need: DutyNeed): Promise<DutyNeed>;
  gaps(scope: Scope, span: Span): Promise<readonly DutyGap[]>;
  onDuty(scope: Scope): Promise<readonly OnDuty[]>;
  handOvers(scope: Scope): Promise<readonly HandOver[]>;
  proposal(area: string): Promise<readonly HandOverItem[]>;
  draftHandOver(actor: Actor, asked: { area: string; key: string }): Promise<Outcome<HandOver>>;
  noteHandOver(scope: Scope, actor: Actor, id: string, note: { text: string; key: string }): Promise<Outcome<HandOver>>;
  signHandOver(scope: Scope, actor: Actor, id: string, key: string): Promise<Outcome<HandOver>>;
  runCard(scope: Scope, incident: string): Promise<readonly RunCardLine[] | null>;
  needs(scope: Scope, incident: string): Promise<readonly IncidentNeed[] | null>;
  addIncidentNeed(scope: Scope, actor: Actor, incident: string, asked: NewNeed): Promise<Outcome<IncidentNeed>>;
}

export function openDuty(desk: Desk): Duty {
  const { db } = desk.database;
  return {
    shifts: (scope, span) => listShifts(db, scope, span),
    addShift: (actor, asked) => addShift(desk, actor, asked),
    cancelShift: (scope, id) => cancelShift(desk, scope, id),
    putNeed: (need) => putDutyNeed(desk, need),
    gaps: (scope, span) => dutyGaps(db, scope, span),
    onDuty: (scope) => onDuty(desk, scope),
    handOvers: (scope) => listHandOvers(desk, scope),
    proposal: (area) => proposeItems(db, area, desk.clock.now()),
    draftHandOver: (actor, asked) => draftHandOver(desk, actor, asked),
    noteHandOver: (scope, actor, id, note) => noteHandOver(desk, scope, actor, id, note),
    signHandOver: (scope, actor, id, key) => signHandOver(desk, scope, actor, id, key),
    runCard: (scope, incident) => runCard(desk, scope, incident),
    needs: (scope, incident) => listNeeds(desk, scope, incident),
    addIncidentNeed: (scope, actor, incident, asked) => addNeed(desk, scope, actor, incident, asked),
  };
}
