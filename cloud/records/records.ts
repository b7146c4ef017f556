import type { AreaReport } from '@yihu/device-profiles/vocabulary/area-report.ts';
import type { Alarm, AlarmMove, Disposition } from '@yihu/device-profiles/vocabulary/alarm.ts';
import type { Flood } from '@yihu/device-profiles/vocabulary/flood.ts';
import type {
  IncidentDetail,
  IncidentMove,
  IncidentState,
  IncidentSummary,
  PlanStep,
} from '@yihu/device-profiles/vocabulary/incident.ts';
import type { Category } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { FalseAlarms, MaintenanceWindow } from '@yihu/device-profiles/vocabulary/maintenance.ts';
import type { Hazard, Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Availability } from '@yihu/device-profiles/vocabulary/transition.ts';
import type {
  Area,
  DeviceCounts,
  DeviceDetail,
  DeviceSummary,
  GatewayView,
  History,
  Overview,
  Responder,
  Snapshot,
  StreamEvent,
} from '@yihu/device-profiles/vocabulary/view.ts';
import type { WallView } from '@yihu/device-profiles/vocabulary/wall.ts';
import type { DeviceRules } from './device-rules.ts';

/**
 * What the reader may see: area paths, each with everything below it; the empty path is everything. Filtered in SQL; an
 * empty list sees nothing.
 */
export interface Scope {
  readonly areas: readonly string[];
}

/** Who does it; the id goes into the records, the name onto the timeline. */
export interface Actor {
  readonly id: string;
  readonly name: string;
}

/** A page of a list. `after` of the next call is `next`; null means that was all. `total` counts the whole filter. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly total: number;
  readonly next: string | null;
}

/** Why a command was not carried out, with the sentence for the person. */
export interface Refusal {
  readonly code:
    | 'not-found'
    | 'version-conflict'
    | 'not-allowed'
    | 'reason-needed'
    | 'person-needed'
    | 'not-yours'
    | 'until-needed'
    | 'shelf-too-long'
    | 'shelf-spent'
    | 'still-active'
    | 'disposition-needed'
    | 'key-reused'
    | 'second-person'
    | 'no-audience'
    | 'still-silent'
    | 'invalid';
  readonly message: Text;
}

/** `repeated`: this idempotency key was already carried out, so nothing happened again. `current`: what is there now. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T; readonly repeated: boolean }
  | { readonly ok: false; readonly refusal: Refusal; readonly current: T | null };

export interface IncidentFilter {
  readonly state?: readonly IncidentState[];
  /** true: somebody still has to do something; false: it is over. */
  readonly open?: boolean;
  readonly area?: string;
  readonly severity?: readonly Severity[];
  readonly after?: string;
  /** 1–200, default 50. */
  readonly limit?: number;
}

export interface AlarmFilter {
  /** true: active, latched or not acked. */
  readonly open?: boolean;
  readonly active?: boolean;
  readonly shelved?: boolean;
  readonly area?: string;
  readonly gateway?: string;
  readonly device?: string;
  readonly severity?: readonly Severity[];
  /** Raised within, ms since 1970 UTC. */
  readonly from?: number;
  readonly to?: number;
  readonly after?: string;
  readonly limit?: number;
}

export interface DeviceFilter {
  /** Words of the name, place, model or id; pinyin and pinyin initials too ("yg502" finds 烟感 502). */
  readonly q?: string;
  readonly area?: string;
  readonly gateway?: string;
  readonly category?: Category;
  readonly availability?: Availability;
  /** Only devices with an open alarm. */
  readonly alarming?: boolean;
  readonly after?: string;
  readonly limit?: number;
}

/** `key` is the idempotency key: the same key by the same actor is one effect, however often it is sent. */
export interface IncidentCommand {
  readonly move: IncidentMove;
  readonly version: number;
  readonly reason?: string | undefined;
  /** dispatch: whom to send; arrive: who is there. */
  readonly person?: string | undefined;
  /** close, false-alarm: what its alarms turn out to have been. */
  readonly disposition?: Disposition | undefined;
  readonly key: string;
}

export interface AlarmCommand {
  readonly move: AlarmMove;
  readonly version: number;
  readonly reason?: string | undefined;
  /** ack, shelve, out-of-service: the end, ms since 1970 UTC. */
  readonly until?: number | undefined;
  /** shelve: until it clears, where that is earlier. */
  readonly once?: boolean | undefined;
  readonly disposition?: Disposition | undefined;
  readonly key: string;
}

export interface WindowFilter {
  /** true: planned or running. */
  readonly open?: boolean;
  readonly after?: string;
  readonly limit?: number;
}

/** 维护窗口 as asked for; the areas were found to be within the actor's own. */
export interface WindowPlan {
  readonly name: string;
  readonly reason: string;
  readonly areas: readonly string[];
  /** `gateway/device`; none: every device. */
  readonly devices?: readonly string[] | undefined;
  /** None: every kind. */
  readonly hazards?: readonly Hazard[] | undefined;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly key: string;
}

export interface FalseAlarmFilter {
  readonly area?: string;
  /** Raised within, ms since 1970 UTC. */
  readonly from: number;
  readonly to: number;
  readonly limit?: number;
}

/** One line of the sweep's account of itself; idle runs that follow each other are one line. Times are ms since 1970 UTC. */
export interface SweepRun {
  readonly worker: string;
  readonly from: number;
  readonly to: number;
  readonly runs: number;
  /** Rows carried out. */
  readonly done: number;
  /** How long after its time the latest of them was carried out. */
  readonly lateMs: number;
  /** Why something could not be carried out; it stays due. */
  readonly error: string | null;
}

export interface StepCommand {
  readonly to: PlanStep['state'];
  readonly reason?: string | undefined;
  readonly key: string;
}

/** One durable event of the stream: `id` is the `id:` line. */
export interface StreamedEvent {
  readonly id: string;
  readonly event: StreamEvent;
}

export interface StreamPage {
  readonly events: readonly StreamedEvent[];
  /** Where to go on, also where the scope hid everything. */
  readonly last: string;
  /** The events after the asked id are partly gone: show the snapshot again. */
  readonly resync: boolean;
}

/** `accepted = delivered + buffered + gaps` as the cloud sees it, per gateway, epoch and lane; all in sequences. */
export interface Conservation {
  readonly gateway: string;
  readonly epoch: string;
  readonly lane: 'alarm' | 'telemetry';
  /** Last sequence the gateway says it has written. */
  readonly accepted: number;
  /** Sequences committed here that held a record. */
  readonly delivered: number;
  /** Written there, not yet committed here. */
  readonly buffered: number;
  /** Sequences a gap record told us are gone. */
  readonly gaps: number;
}

/** What the cloud tells a gateway or person who asks for a device. */
export interface DeviceKey {
  readonly gateway: string;
  readonly device: string;
}

export interface GatewayEntry {
  readonly id: string;
  readonly name: Text;
  readonly area: string;
}

/** A picture for one who may see an alarm it is of. */
export interface SnapshotPicture {
  readonly id: string;
  readonly bytes: Buffer;
  /** Taken inside a home. */
  readonly atHome: boolean;
  /** Areas of those of its alarms that the scope may see; never empty. */
  readonly areas: readonly string[];
  /** Somebody still has to do something about one of them. */
  readonly open: boolean;
}

/** A photo for one who may see what it is of. */
export interface StoredPhoto {
  readonly id: string;
  readonly bytes: Buffer;
  readonly area: string;
  /** The reader took it, or has the task it is of. */
  readonly own: boolean;
  /** Of work on the estate and of no home or incident: the property manager's too. */
  readonly work: boolean;
}

/**
 * 台账: every question and command the cloud's pages have. Each takes the reader's scope and filters in SQL, so that
 * what a role may not see is simply not there. Operating errors (database away) reject with the driver's error.
 */
export interface Records {
  snapshot(scope: Scope): Promise<Snapshot>;
  /** The devices of a scope by availability, as the snapshot counts them. */
  deviceCounts(scope: Scope): Promise<DeviceCounts>;
  overview(scope: Scope): Promise<Overview>;
  /** What a wall shows, with the names as they are. */
  wall(scope: Scope): Promise<WallView>;

  listIncidents(scope: Scope, filter: IncidentFilter): Promise<Page<IncidentSummary>>;
  incidentDetail(scope: Scope, id: string): Promise<IncidentDetail | null>;
  moveIncident(scope: Scope, actor: Actor, id: string, command: IncidentCommand): Promise<Outcome<IncidentDetail>>;
  addNote(scope: Scope, actor: Actor, id: string, note: { text: string; key: string }): Promise<Outcome<IncidentDetail>>;
  stepMove(scope: Scope, actor: Actor, id: string, step: string, command: StepCommand): Promise<Outcome<IncidentDetail>>;

  listAlarms(scope: Scope, filter: AlarmFilter): Promise<Page<Alarm>>;
  alarm(scope: Scope, id: string): Promise<Alarm | null>;
  moveAlarm(scope: Scope, actor: Actor, id: string, command: AlarmCommand): Promise<Outcome<Alarm>>;

  listWindows(scope: Scope, filter: WindowFilter): Promise<Page<MaintenanceWindow>>;
  planWindow(actor: Actor, plan: WindowPlan): Promise<Outcome<MaintenanceWindow>>;
  endWindow(scope: Scope, actor: Actor, id: string): Promise<Outcome<MaintenanceWindow>>;
  /** Devices by false alarms, the worst first. */
  falseAlarms(scope: Scope, filter: FalseAlarmFilter): Promise<readonly FalseAlarms[]>;
  /** 月报 of a span, ms since 1970 UTC, `to` not in it; the scope is narrowed to the area already. */
  areaReport(scope: Scope, span: { area?: string; from: number; to: number }): Promise<AreaReport>;

  /** Floods since then, the newest first; those that last among them. */
  floods(scope: Scope, since: number): Promise<readonly Flood[]>;
  /** The newest lines of the sweep's account of itself. */
  sweepRuns(limit: number): Promise<readonly SweepRun[]>;
  /** When everything that was due had last been carried out, ms since 1970 UTC; null where it never was. */
  sweepBeat(): Promise<number | null>;

  /** Null where there is none, and where the scope sees none of the alarms it is of. */
  picture(scope: Scope, id: string): Promise<SnapshotPicture | null>;

  listDevices(scope: Scope, filter: DeviceFilter): Promise<Page<DeviceSummary>>;
  deviceDetail(scope: Scope, key: DeviceKey): Promise<DeviceDetail | null>;
  /** Its rules with a limit; null where the device is not seen. */
  deviceRules(scope: Scope, key: DeviceKey): Promise<DeviceRules | null>;
  /** At most `buckets` (1–2000) columns of min, max and last of the good values; null where the device is not seen. */
  history(
    scope: Scope,
    key: DeviceKey,
    point: string,
    span: { from: number; to: number; buckets: number },
  ): Promise<History | null>;

  listAreas(scope: Scope): Promise<readonly Area[]>;
  listGateways(scope: Scope): Promise<readonly GatewayView[]>;
  conservation(scope: Scope): Promise<readonly Conservation[]>;
  responders(scope: Scope): Promise<readonly Responder[]>;

  /** Stream events after `id`, oldest first, at most `limit` rows looked at. */
  streamAfter(scope: Scope, id: string, limit: number): Promise<StreamPage>;
  latestStreamId(): Promise<string>;
  /** Calls `wake` after any commit that wrote stream events; returns the way to stop. A lost connection is opened again, and then it wakes too. */
  onStream(wake: () => void): () => void;

  /** Registry: written by administrators and by claiming. */
  putArea(area: Area): Promise<void>;
  putGateway(gateway: GatewayEntry): Promise<void>;
  /** A revoked gateway stays visible and is never accepted again. */
  revokeGateway(id: string): Promise<void>;
}
