import type { Alarm } from '@yihu/device-profiles/vocabulary/alarm.ts';
import type { Witness } from '@yihu/device-profiles/vocabulary/witness.ts';
import type { ExportSignature } from '@yihu/device-profiles/vocabulary/export-signature.ts';
import type { Category } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { GatewaySiteView } from '@yihu/device-profiles/vocabulary/site-push-view.ts';
import type { RulePreview } from '@yihu/device-profiles/vocabulary/device-rule.ts';
import type { Pushed, RulesSent, SiteDraft } from '../pushing.ts';
import type { KeptEdit } from '../records/device-rules.ts';
import type { RuleTrial } from '../trying.ts';
import type { Actor, Records } from '../records/records.ts';

/** What the web needs of the rest of the cloud. `main.ts` brings it; nothing here knows who answers. */

export type { Actor, Conservation, Outcome, Page, Records, Scope, StreamedEvent } from '../records/records.ts';
export type { CapDesk } from '../records/cap-desk.ts';
export type { DeviceRules } from '../records/device-rules.ts';
export type { Duty } from '../records/duty.ts';
export type { FloorPlanRecords, PlanResult } from '../records/floor-plans.ts';
export type { IncidentDesk } from '../records/incident-desk.ts';
export type { TaskRecords } from '../records/task-records.ts';
export type { CallDone, CallDraft, Calling } from '../calling.ts';
export type { HomeCall, HomeNotice, HomeReport, HomeView, Residents, Sos } from '../residents.ts';
export type { Errands, ErrandView } from '../errands.ts';
export type { Webhooks } from '../webhooks.ts';
export type { Telling } from '../telling.ts';
export type { AreaRecords, AreaResult } from '../registry/areas-records.ts';
export type { GridProblem } from '../registry/grids.ts';
export type { Grant } from '../registry/rights.ts';
export type { Reader } from '../registry/reader.ts';
export type { Registry } from '../registry/registry.ts';
export type { RefusalCode as RegistryRefusal, Said } from '../registry/said.ts';
export type { ApiKeys } from '../registry/api-keys.ts';
export type { Factors } from '../registry/factors.ts';
export type { Accounts, Caller, HalfCaller, UserResult } from '../registry/users.ts';
export type { User } from '../registry/users-records.ts';

/** What becomes of an installer's test alarm, told to its gateway now or never. */
export type WitnessSay = (alarm: Pick<Alarm, 'gateway' | 'device' | 'episode'>, step: Witness['step'], by: string) => void;

export type StreamSource = Pick<Records, 'streamAfter' | 'latestStreamId' | 'onStream' | 'deviceCounts'>;

/** The records as the pages ask them; each answer holds only what the scope may see. */
export type PageRecords = Omit<Records, 'conservation' | 'revokeGateway'>;

export interface CallerCheck {
  /** True while whoever holds this token may come in; looking does not count as use. */
  isLive(token: string): Promise<boolean>;
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
  /** Of the key that signs the checkpoints; SPKI, PEM. */
  readonly publicKey: string;
  /** A document with the signature of this installation, for whoever checks it elsewhere. */
  signed<T extends object>(document: T): T & { signed: ExportSignature };
  checkpoints(after: number): Promise<readonly { seq: number; hash: string; at: number; signature: string }[]>;
  list(filter: {
    actor?: string | undefined;
    before?: number | undefined;
    within?: { readonly areas: readonly string[] } | undefined;
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
  /** What pushed sites are signed with; SPKI, PEM. */
  readonly siteKey: string;
  /** Where the gateway connects to; `reachedBy` is the host name it found us under, for where none is configured. */
  uplinkUrl(reachedBy: string): string;
}

/** Sites pushed to gateways. */
export interface Sites {
  view(gateway: string): Promise<GatewaySiteView>;
  push(gateway: string, draft: SiteDraft, by: Actor): Promise<Pushed>;
  /** Sends limits of rules; what waits already of such goes with them. */
  setRules(gateway: string, edits: readonly KeptEdit[], by: Actor): Promise<RulesSent>;
  /** What a threshold would have done in the last seven days, beside what the present one did. */
  preview(wanted: RuleTrial): Promise<RulePreview>;
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
