import type { DutyRole } from '@yihu/device-profiles/vocabulary/duty.ts';
import type { Alarm, AlarmMove, Disposition } from '@yihu/device-profiles/vocabulary/alarm.ts';
import type { Cursor, EnvelopeHeader } from '@yihu/device-profiles/vocabulary/envelope.ts';
import type { FloodGroup } from '@yihu/device-profiles/vocabulary/flood.ts';
import type { IncidentMove, IncidentSummary, Leg, PlanStep, TimelineLine } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { MaintenanceWindow } from '@yihu/device-profiles/vocabulary/maintenance.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Entry, SiteDevice } from '@yihu/device-profiles/vocabulary/record.ts';
import type { Hazard } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Transition } from '@yihu/device-profiles/vocabulary/transition.ts';
import type { Area, Role } from '@yihu/device-profiles/vocabulary/view.ts';
import type { DeliveryMessage, DeliveryState } from './delivery-rows.ts';
import type { Refusal } from './records.ts';

/**
 * What the records need decided, without knowing who decides: the pure stages are handed in by the pipeline and run
 * inside the transaction, on rows that are locked.
 */
export interface Rules {
  readonly decide: (cursor: Cursor, header: EnvelopeHeader, entries: readonly Entry[]) => BatchDecision;
  readonly alarm: AlarmRules;
  readonly flood: FloodRules;
  readonly incident: IncidentRules;
  readonly escalation: EscalationRules;
  readonly telling: TellingRules;
  readonly registerDevice: (
    device: SiteDevice,
    gateway: { area: string; areaName: string },
    profile: Pick<Profile, 'category' | 'name' | 'maker' | 'model'> | undefined,
  ) => Registered;
  readonly profiles: ReadonlyMap<string, Profile>;
  /** IANA name of the zone whose calendar day numbers the incidents. */
  readonly timeZone: string;
}

export type BatchDecision =
  | { readonly apply: readonly Entry[]; readonly next: Cursor }
  | { readonly ignore: 'duplicate' }
  | { readonly rewind: Cursor }
  | { readonly refuse: string };

export interface Registered {
  readonly device: SiteDevice;
  readonly category: string;
  readonly area: string;
  readonly areas: readonly Area[];
  readonly placeText: string;
  readonly search: string;
}

export interface Person {
  readonly id: string;
  readonly name: string;
}

export interface LineDraft {
  readonly kind: TimelineLine['kind'];
  readonly text: Text;
  readonly data: TimelineLine['data'];
  readonly edgeAt?: number;
  readonly actor?: Person;
}

export type AlarmEffect =
  | { do: 'line'; kind: TimelineLine['kind']; text: Text; data: TimelineLine['data'] }
  | { do: 'notify'; rise: boolean }
  | { do: 'settle' }
  | { do: 'timer'; axis: TimedAxis; at: number | null };

export type TimedAxis = 'shelf' | 'ack' | 'service';

export interface Decided {
  readonly alarm: Alarm;
  readonly effects: readonly AlarmEffect[];
}

export interface TransitionContext {
  readonly id: string;
  readonly gateway: string;
  readonly device: string;
  readonly deviceName: Text;
  readonly area: string;
  readonly receivedAt: number;
  readonly newEpoch: boolean;
  readonly suppressedBy?: readonly string[];
  readonly outOfService?: Alarm['outOfService'];
}

export type WindowCover = Pick<MaintenanceWindow, 'id' | 'areas' | 'devices' | 'hazards'>;

export interface AlarmRules {
  readonly applyTransition: (
    alarm: Alarm | null,
    transition: Transition,
    context: TransitionContext,
  ) => { readonly alarm: Alarm | null; readonly effects: readonly AlarmEffect[]; readonly reason: string };
  readonly applyMove: (
    alarm: Alarm,
    request: {
      move: AlarmMove;
      by: Person;
      at: number;
      version: number;
      reason?: string | undefined;
      until?: number | undefined;
      once?: boolean | undefined;
      lasting?: boolean | undefined;
      disposition?: Disposition | undefined;
    },
  ) => Decided | { readonly refused: Refusal };
  readonly endShelf: (alarm: Alarm, at: number) => Decided | null;
  readonly endService: (alarm: Alarm, at: number) => Decided | null;
  readonly endAck: (alarm: Alarm, at: number, takenUp: boolean) => Decided | null;
  readonly suppress: (alarm: Alarm, cause: string) => Decided;
  readonly unsuppress: (alarm: Alarm, cause: string, at: number) => Decided;
  readonly covers: (window: WindowCover, alarm: Pick<Alarm, 'area' | 'gateway' | 'device' | 'hazard'>) => boolean;
  readonly causeOf: (window: WindowCover) => string;
  readonly refuseWindow: (times: { startsAt: number; endsAt: number }, at: number) => Text | null;
  readonly isQuiet: (alarm: Alarm) => boolean;
  readonly withIsa: (alarm: Omit<Alarm, 'isa'>) => Alarm;
}

export interface Load {
  readonly inSpan: number;
  readonly inBurst: number;
  readonly operators: number;
}

export type FloodCount = Omit<FloodGroup, 'key'>;

export interface FloodRules {
  readonly limits: { readonly spanMs: number; readonly burstMs: number };
  readonly communityOf: (area: string) => string;
  readonly isGrouped: (hazard: Hazard) => boolean;
  readonly isFlood: (was: boolean, load: Load) => boolean;
  readonly groups: (counts: readonly FloodCount[]) => FloodGroup[];
}

/** 力量编成 as a plan writes it: the first that names the level, or names none, counts. */
export type PlanForce = readonly {
  readonly levels?: readonly number[] | undefined;
  readonly roles: Readonly<Partial<Record<DutyRole, number>>>;
}[];

export interface StoredIncident extends Omit<
  IncidentSummary,
  'areaName' | 'alarmCount' | 'activeCount' | 'unackedCount' | 'legs'
> {
  readonly group: string;
  readonly lastAlarmAt: number;
  readonly plan: string | null;
  readonly planVersion: number | null;
}

export type IncidentEffect = { do: 'ack-alarms' } | { do: 'judge-alarms'; disposition: Disposition } | { do: 'settle' };

export interface IncidentContext {
  readonly alarms: readonly Alarm[];
  readonly legs: readonly Leg[];
}

export interface IncidentRequest {
  readonly move: IncidentMove;
  readonly by: Person;
  readonly at: number;
  readonly version: number;
  readonly reason?: string | undefined;
  readonly person?: Person | undefined;
  readonly disposition?: Disposition | undefined;
  readonly legId: string;
}

export interface MovedIncident {
  readonly incident: StoredIncident;
  readonly legs: readonly Leg[];
  readonly lines: readonly LineDraft[];
  readonly effects: readonly IncidentEffect[];
}

export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

export interface IncidentRules {
  readonly groupKey: (alarm: Pick<Alarm, 'hazard' | 'area' | 'gateway'>) => string;
  readonly findIncident: (
    alarm: Alarm,
    candidates: readonly StoredIncident[],
    at: number,
    tookOver?: ReadonlySet<string>,
  ) => StoredIncident | null;
  readonly openIncident: (
    alarm: Alarm,
    context: {
      id: string;
      number: string;
      place: string;
      at: number;
      childCount: number;
      plan: { id: string; version: number } | null;
    },
  ) => StoredIncident;
  readonly absorbRaise: (
    incident: StoredIncident,
    alarm: Alarm,
    at: number,
  ) => { readonly incident: StoredIncident; readonly lines: readonly LineDraft[]; readonly tell: boolean };
  readonly touched: (incident: StoredIncident, at: number) => StoredIncident;
  readonly applyIncidentMove: (
    incident: StoredIncident,
    request: IncidentRequest,
    context: IncidentContext,
  ) => MovedIncident | { readonly refused: Refusal };
  readonly movesOf: (
    incident: StoredIncident,
    context: IncidentContext,
  ) => { move: IncidentMove; allowed: boolean; why: string | null; whyText: Text | null }[];
  readonly moveStep: (
    step: PlanStep,
    to: PlanStep['state'],
    said: { by: Person; at: number; reason?: string | undefined },
  ) => { step: PlanStep; line: LineDraft } | { refused: 'not-allowed' | 'reason-needed' };
  /** The plan for an alarm: its steps from now and whom it asks for, both to be kept as they are; null where there is none. */
  readonly planFor: (
    alarm: Alarm,
    at: number,
  ) => { id: string; version: number; steps: readonly PlanStep[]; force: PlanForce } | null;
  /** 力量编成 for an incident of this level (1 the gravest), by what was kept when it began. */
  readonly forceOf: (force: PlanForce, level: number) => { role: DutyRole; wanted: number }[];
  /** The same of a plan as it is now, for what began before it was kept. */
  readonly forceNow: (plan: string | null) => PlanForce;
  readonly emptyChain: (incident: string) => ChainHead;
  readonly linkLine: (head: ChainHead, draft: LineDraft, at: number) => TimelineLine;
}

/** A step of a chain as it was when the chain began; lies in the row that waits for its time. */
export interface StoredRung {
  readonly step?: number;
  readonly who: Text;
  readonly tell: readonly Audience[];
  readonly repeatMs?: number;
  readonly again?: number;
}

export interface EscalationRules {
  readonly chainFor: (hazard: Hazard, toldAt: number) => readonly { step: number; dueAt: number; rung: StoredRung }[];
  readonly decideStep: (
    subject: Pick<StoredIncident, 'state' | 'ackedAt' | 'hazard' | 'openedAt'> & { quiet: boolean },
    step: number,
    at: number,
    rung?: StoredRung,
  ) =>
    | { readonly act: 'escalate'; readonly text: Text; readonly data: Record<string, unknown> }
    | { readonly act: 'stop'; readonly reason: string };
  readonly nextRound: (step: number, rung: StoredRung, now: number) => { step: number; dueAt: number; rung: StoredRung } | null;
}

/** 通知 as the records need it: who hears of an incident, by which ways, in which words. */
export interface TellingRules {
  /** Steps of channels in order, from this installation's channels file. */
  readonly ladders: { readonly lifeSafety: readonly (readonly string[])[]; readonly other: readonly (readonly string[])[] };
  /** Who is told at a step of the chain; 0 is the moment it opens. Empty: nobody by message. */
  readonly audienceOf: (step: number, hazard: Hazard) => readonly Audience[];
  readonly incidentMessage: (incident: StoredIncident, step: number, at: number) => DeliveryMessage;
  /** To whoever is asked to do a task, at `at`. */
  readonly taskMessage: (
    task: Pick<TaskSummary, 'id' | 'title' | 'place' | 'offeredUntil'> & { readonly leg: string | null },
    at: number,
  ) => DeliveryMessage;
  /** How long such a message is worth sending, milliseconds. */
  readonly livesMs: (hazard: Hazard) => number;
  readonly afterReceipt: (
    state: DeliveryState,
    receipt: { providerId: string; state: 'delivered' | 'read' | 'failed'; code?: string | undefined },
  ) => DeliveryState | null;
  readonly noReceipt: { readonly code: string; readonly reason: Text };
}

export interface Audience {
  readonly role: Role;
  /** Those on duty only; where nobody is, everybody of the role. */
  readonly onDuty: boolean;
}
