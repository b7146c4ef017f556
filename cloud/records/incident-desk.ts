import type { IncidentReport, OnwardReport, PostCheck, RollCall } from '@yihu/device-profiles/vocabulary/incident-desk.ts';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { Desk } from './commands.ts';
import { type CommandCommand, commandIncident } from './incident-command.ts';
import { type MergeCommand, mergeIncident, type SplitCommand, splitIncident } from './incident-merges.ts';
import { incidentReport, reportOnward } from './incident-report.ts';
import { answerPost, askPost, listPostChecks } from './post-checks.ts';
import type { Actor, Outcome, Scope } from './records.ts';
import { answerRollCall, ownRollCalls, rollCallsOf, startRollCall } from './roll-calls.ts';

/** 值班台: what is done with incidents beyond moving them. */
export interface IncidentDesk {
  merge(scope: Scope, actor: Actor, id: string, command: MergeCommand): Promise<Outcome<IncidentDetail>>;
  split(scope: Scope, actor: Actor, id: string, command: SplitCommand): Promise<Outcome<IncidentDetail>>;
  command(scope: Scope, actor: Actor, id: string, command: CommandCommand): Promise<Outcome<IncidentDetail>>;
  reportOnward(
    scope: Scope,
    actor: Actor,
    id: string,
    said: { receiver: string; how: OnwardReport['how']; text?: string | undefined; key: string },
  ): Promise<Outcome<IncidentDetail>>;
  report(scope: Scope, id: string): Promise<IncidentReport | null>;
  rollCall(scope: Scope, actor: Actor, id: string, key: string): Promise<Outcome<IncidentDetail>>;
  rollCalls(scope: Scope, id: string): Promise<readonly RollCall[] | null>;
  ownRollCalls(person: string): Promise<readonly RollCall[]>;
  answerRollCall(
    actor: Actor,
    id: string,
    answer: { state: 'safe' | 'help'; note?: string | undefined; key: string },
  ): Promise<Outcome<RollCall>>;
  postChecks(scope: Scope, open: boolean): Promise<readonly PostCheck[]>;
  askPost(
    scope: Scope,
    actor: Actor,
    asked: { area: string; question: string; withinMs: number; key: string },
  ): Promise<Outcome<PostCheck>>;
  answerPost(scope: Scope, actor: Actor, id: string, answer: { answer: string; key: string }): Promise<Outcome<PostCheck>>;
}

export function openIncidentDesk(desk: Desk): IncidentDesk {
  return {
    merge: (scope, actor, id, command) => mergeIncident(desk, scope, actor, id, command),
    split: (scope, actor, id, command) => splitIncident(desk, scope, actor, id, command),
    command: (scope, actor, id, command) => commandIncident(desk, scope, actor, id, command),
    reportOnward: (scope, actor, id, said) => reportOnward(desk, scope, actor, id, said),
    report: (scope, id) => incidentReport(desk, scope, id),
    rollCall: (scope, actor, id, key) => startRollCall(desk, scope, actor, id, key),
    rollCalls: (scope, id) => rollCallsOf(desk, scope, id),
    ownRollCalls: (person) => ownRollCalls(desk, person),
    answerRollCall: (actor, id, answer) => answerRollCall(desk, actor, id, answer),
    postChecks: (scope, open) => listPostChecks(desk, scope, open),
    askPost: (scope, actor, asked) => askPost(desk, scope, actor, asked),
    answerPost: (scope, actor, id, answer) => answerPost(desk, scope, actor, id, answer),
  };
}
