import type { Alarm, AlarmMove } from '@yihu/device-profiles/vocabulary/alarm.ts';
import type { IncidentDetail, IncidentMove, IncidentSummary, PlanStep } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { Category } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Availability } from '@yihu/device-profiles/vocabulary/transition.ts';
import type {
  Area,
  DeviceDetail,
  DeviceSummary,
  GatewayView,
  History,
  Overview,
  Responder,
  Role,
  Snapshot,
  StreamEvent,
} from '@yihu/device-profiles/vocabulary/view.ts';

/** What the web needs of the rest of the cloud. `main.ts` brings it; nothing here knows who answers. */

export interface Scope {
  readonly areas: readonly string[];
}

export interface Actor {
  readonly id: string;
  readonly name: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly total: number;
  readonly next: string | null;
}

export type Outcome<T> =
  | { readonly ok: true; readonly value: T; readonly repeated: boolean }
  | { readonly ok: false; readonly refusal: { readonly code: string; readonly message: Text }; readonly current: T | null };

export interface Paging {
  readonly after?: string;
  readonly limit?: number;
}

export interface IncidentCommand {
  readonly move: IncidentMove;
  readonly version: number;
  readonly reason?: string | undefined;
  readonly person?: string | undefined;
  readonly disposition?: IncidentSummary['disposition'] | undefined;
  readonly key: string;
}

export interface AlarmCommand {
  readonly move: AlarmMove;
  readonly version: number;
  readonly reason?: string | undefined;
  readonly until?: number | undefined;
  readonly key: string;
}

export interface StepCommand {
  readonly to: PlanStep['state'];
  readonly reason?: string | undefined;
  readonly key: string;
}

export interface StreamedEvent {
  readonly id: string;
  readonly event: StreamEvent;
}

export interface Conservation {
  readonly gateway: string;
  readonly epoch: string;
  readonly lane: 'alarm' | 'telemetry';
  readonly accepted: number;
  readonly delivered: number;
  readonly buffered: number;
  readonly gaps: number;
}

export interface StreamSource {
  /** Events after `id` in order; `last` is where to go on, `resync` says that some are gone. */
  streamAfter(
    scope: Scope,
    id: string,
    limit: number,
  ): Promise<{ readonly events: readonly StreamedEvent[]; readonly last: string; readonly resync: boolean }>;
  latestStreamId(): Promise<string>;
  onStream(wake: () => void): () => void;
}

/** The records as the pages ask them: each answer holds only what the scope may see. */
export interface PageRecords extends StreamSource {
  snapshot(scope: Scope): Promise<Snapshot>;
  overview(scope: Scope): Promise<Overview>;
  listIncidents(scope: Scope, filter: Paging & { open?: boolean }): Promise<Page<IncidentSummary>>;
  incidentDetail(scope: Scope, id: string): Promise<IncidentDetail | null>;
  moveIncident(scope: Scope, actor: Actor, id: string, command: IncidentCommand): Promise<Outcome<IncidentDetail>>;
  addNote(scope: Scope, actor: Actor, id: string, note: { text: string; key: string }): Promise<Outcome<IncidentDetail>>;
  stepMove(scope: Scope, actor: Actor, id: string, step: string, command: StepCommand): Promise<Outcome<IncidentDetail>>;
  listAlarms(
    scope: Scope,
    filter: Paging & { open?: boolean; active?: boolean; shelved?: boolean; gateway?: string; device?: string },
  ): Promise<Page<Alarm>>;
  alarm(scope: Scope, id: string): Promise<Alarm | null>;
  moveAlarm(scope: Scope, actor: Actor, id: string, command: AlarmCommand): Promise<Outcome<Alarm>>;
  listDevices(
    scope: Scope,
    filter: Paging & { q?: string; gateway?: string; category?: Category; availability?: Availability; alarming?: boolean },
  ): Promise<Page<DeviceSummary>>;
  deviceDetail(scope: Scope, key: { gateway: string; device: string }): Promise<DeviceDetail | null>;
  history(
    scope: Scope,
    key: { gateway: string; device: string },
    point: string,
    span: { from: number; to: number; buckets: number },
  ): Promise<History | null>;
  listAreas(scope: Scope): Promise<readonly Area[]>;
  listGateways(scope: Scope): Promise<readonly GatewayView[]>;
  conservation(scope: Scope): Promise<readonly Conservation[]>;
  responders(scope: Scope): Promise<readonly Responder[]>;
  putArea(area: Area): Promise<void>;
  putGateway(gateway: { id: string; name: Text; area: string }): Promise<void>;
}

export interface Grant {
  readonly area: string;
  readonly role: Role;
}

export interface User {
  readonly id: string;
  readonly account: string;
  readonly name: string;
  readonly phone: string | null;
  readonly onDuty: boolean;
  readonly disabledAt: number | null;
  readonly createdAt: number;
  readonly version: number;
  readonly grants: readonly (Grant & { readonly areaName: string })[];
}

export interface Caller {
  readonly user: User;
  readonly expiresAt: number;
}

type UserProblem = 'account-taken' | 'unknown-user' | 'version' | 'too-short' | 'too-long' | 'too-simple';
export type UserResult = { readonly ok: true; readonly user: User } | { readonly ok: false; readonly code: UserProblem };

export interface Accounts {
  signIn(
    account: string,
    password: string,
    ip: string,
  ): Promise<{ readonly ok: true; readonly token: string; readonly caller: Caller } | { readonly ok: false }>;
  /** `touch: false` looks without counting as use: an open stream alone keeps nobody signed in. */
  caller(token: string, touch?: boolean): Promise<Caller | null>;
  signOut(token: string): Promise<void>;
  list(): Promise<User[]>;
  user(id: string): Promise<User | null>;
  create(account: {
    account: string;
    name: string;
    phone: string | null;
    password: string;
    grants: readonly Grant[];
  }): Promise<UserResult>;
  change(
    id: string,
    version: number,
    change: {
      name?: string | undefined;
      phone?: string | null | undefined;
      disabled?: boolean | undefined;
      password?: string | undefined;
      grants?: readonly Grant[] | undefined;
    },
  ): Promise<UserResult>;
  setDuty(id: string, onDuty: boolean): Promise<User | null>;
}

/** Pure rules of who reaches which area. */
export interface Rights {
  scopeFor(grants: readonly Grant[], admitted: readonly Role[]): readonly string[] | null;
  narrow(scope: readonly string[], area: string | undefined): readonly string[] | null;
  isInScope(scope: readonly string[], area: string): boolean;
}

export interface AuditEntry {
  readonly at: number;
  readonly actor: string | null;
  readonly account: string | null;
  readonly role: string | null;
  readonly area: string | null;
  readonly action: string;
  readonly object: string;
  readonly result: string;
  readonly ip: string;
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}

export interface Audit {
  append(entry: AuditEntry): Promise<unknown>;
  list(filter: {
    actor?: string | undefined;
    before?: number | undefined;
    limit: number;
  }): Promise<readonly (AuditEntry & { readonly seq: number; readonly hash: string })[]>;
}

export interface Claimed {
  readonly gateway: string;
  readonly certificate: string;
  readonly ca: string;
  /** Six digits of the gateway's key. */
  readonly digits: string;
}

/** Bringing gateways in, and putting them out. */
export interface Gateways {
  /** True for any gateway known, whatever its area. */
  exists(gateway: string): Promise<boolean>;
  /** A new single-use code; shown once and kept as a hash. */
  offer(gateway: string, by: string): Promise<{ readonly code: string; readonly expiresAt: number }>;
  claim(
    code: string,
    csr: string,
  ): Promise<{ readonly ok: true; readonly value: Claimed } | { readonly ok: false; readonly code: 'wrong-code' | 'bad-csr' }>;
  /** Never accepted again, and its open connection closes. */
  revoke(gateway: string): Promise<void>;
  /** Where the gateway connects to; `reachedBy` is the host name it found us under, for where none is configured. */
  uplinkUrl(reachedBy: string): string;
}

/** A counter or gauge for `GET /metrics`. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly samples: readonly { readonly labels?: Readonly<Record<string, string>>; readonly value: number }[];
}

/** What a device's model is, for screens. */
export interface ProfileView {
  readonly id: string;
  readonly version: string;
  readonly name: Text;
  readonly maker: Text;
  readonly model: string;
  readonly category: Category;
  readonly points: readonly {
    readonly id: string;
    readonly name: Text;
    readonly unit: string;
    readonly kind: 'gauge' | 'counter' | 'state' | 'text';
  }[];
}
