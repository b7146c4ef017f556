import type {
  LocalAlarmTest,
  LocalDecode,
  LocalDecoded,
  LocalDevice,
  LocalDevices,
  LocalLine,
  LocalOverview,
  LocalProbe,
  LocalProbeRequest,
  LocalProfiles,
  LocalScan,
  LocalScanRequest,
} from '@yihu/device-profiles/vocabulary/local.ts';
import type {
  LocalBegun,
  LocalChange,
  LocalPlanned,
  LocalSettings,
  LocalSiteEdit,
} from '@yihu/device-profiles/vocabulary/local-edit.ts';
import type { LocalOrder, LocalOrderAnswer, LocalOrderRequest } from '@yihu/device-profiles/vocabulary/local-order.ts';
import type { LocalSurvey, LocalSurveyPlaces, LocalSurveyRequest } from '@yihu/device-profiles/vocabulary/local-survey.ts';
import type {
  LocalNewProfile,
  LocalProfileCheck,
  LocalProfileProblem,
  LocalProfileWords,
  LocalRecognised,
  LocalRecogniseRequest,
  LocalSavedProfile,
} from '@yihu/device-profiles/vocabulary/local-profile.ts';
import type { LocalClaim, LocalClaimRequest } from '@yihu/device-profiles/vocabulary/local-claim.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Clock } from '../clock.ts';

/** What the local API shows of a running gateway; it makes nothing of this by itself. */
export interface LocalView {
  metrics(): Promise<string>;
  status(): Promise<GatewayStatus>;
}

/** What the installer's page shows and does. */
export interface LocalDesk {
  overview(): Promise<LocalOverview>;
  devices(asked: { readonly q: string; readonly port: string }): LocalDevices;
  device(id: string): LocalDevice | null;
  /** What can be changed of a device. */
  settings(id: string): Promise<LocalSettings | null>;
  /** Puts a marked alarm of the device on record and follows it; why it cannot now, or null where there is no such device. */
  testAlarm(id: string): { readonly refused: Text } | { readonly test: LocalAlarmTest } | null;
  /** What of the test is not there yet is not waited for. */
  finishAlarmTest(): void;
  /** A device more, less or otherwise; null where there is no such device. */
  readonly change: {
    plan(edit: LocalSiteEdit): Promise<LocalPlanned | null>;
    submit(edit: LocalSiteEdit): Promise<{ readonly refused: Text } | { readonly change: LocalBegun } | null>;
    state(): LocalChange | null;
    undo(): void;
  };
  readonly orders: {
    give(
      device: string,
      order: LocalOrderRequest,
      from: string,
    ): Promise<{ readonly refused: Text } | { readonly order: LocalOrder }>;
    answer(answer: LocalOrderAnswer, from: string): Promise<{ readonly refused: Text } | { readonly order: LocalOrder }>;
  };
  readonly claiming: { state(): Promise<LocalClaim>; start(asked: LocalClaimRequest): { readonly refused: Text } | null };
  /** 交付资料 without secrets. */
  export(): Promise<{ readonly name: string; readonly zip: Buffer }>;
  /** 扫描网络: one at a time. */
  readonly surveys: {
    places(): LocalSurveyPlaces;
    start(asked: LocalSurveyRequest): { readonly refused: Text } | { readonly survey: LocalSurvey };
    now(): LocalSurvey | null;
    stop(): void;
  };
  profiles(asked: { readonly q: string; readonly protocol: string }): Promise<LocalProfiles>;
  decode(pasted: LocalDecode): LocalDecoded | { readonly unknownWire: Text };
  lines(): Promise<readonly LocalLine[]>;
  /** Begins to look for devices; why it cannot now. */
  startScan(asked: LocalScanRequest): { readonly refused: Text } | { readonly scan: LocalScan };
  /** The scan under way, or the last one. */
  scan(): LocalScan | null;
  /** Called with each change of it; returns what ends the calls. */
  followScan(listener: (scan: LocalScan) => void): () => void;
  stopScan(): void;
  probe(asked: LocalProbeRequest): Promise<LocalProbe | { readonly refused: Text }>;
  /** 做档案: of a device that nobody knows. `refused`: it cannot be asked, or the file cannot be written. */
  readonly making: {
    words(): LocalProfileWords;
    recognise(asked: LocalRecogniseRequest): Promise<LocalRecognised | { readonly refused: Text }>;
    check(asked: LocalNewProfile): Promise<LocalProfileCheck | { readonly refused: Text }>;
    save(
      asked: LocalNewProfile,
    ): Promise<LocalSavedProfile | { readonly refused: Text; readonly problems: readonly LocalProfileProblem[] }>;
  };
}

/** Who may use the page: one installer's password for a gateway, chosen with the setup code of its first start. */
export interface LocalAccess {
  /** Another after every change of password or code: sessions of before end with it. */
  stamp(): Promise<{ readonly isSetUp: boolean; readonly stamp: string }>;
  isCode(code: string): Promise<boolean>;
  isPassword(password: string): Promise<boolean>;
  setPassword(password: string): Promise<void>;
}

export interface WebNeeds {
  readonly view: LocalView;
  readonly desk: LocalDesk;
  readonly access: LocalAccess;
  readonly gateway: { readonly id: string; readonly name: Text };
  readonly clock: Clock;
  /** Folder with the built page; the API alone where it holds none. */
  readonly page: string;
  /** What is worth a line in the log: who signed in, who was refused, what broke. */
  readonly tell: (level: 'info' | 'warn' | 'error', said: Readonly<Record<string, unknown>>, sentence: string) => void;
}

export interface GatewayStatus {
  readonly schema: 'yihu.status/1';
  readonly gateway: string;
  readonly version: string;
  readonly startedAt: number;
  readonly at: number;
  /** What tells the time: the time since boot while nothing better is known, the system, or our own reckoning by the cloud's. */
  readonly clock: 'uptime' | 'system' | 'own';
  /** `ok`: everything flows; `degraded`: something is down but nothing is lost; `failing`: data cannot be kept. */
  readonly health: 'ok' | 'degraded' | 'failing';
  readonly problems: readonly { readonly zh: string; readonly en: string }[];
  readonly ports: readonly {
    readonly id: string;
    readonly driver: string;
    readonly wire: 'up' | 'connecting' | 'down';
    readonly reason: { zh: string; en: string } | null;
    readonly devices: number;
    readonly heard: number;
  }[];
  readonly uplink: {
    readonly wire: string;
    readonly reason: { zh: string; en: string } | null;
    readonly buffered: { alarm: number; telemetry: number };
  } | null;
  readonly history: { readonly kind: string; readonly state: string; readonly buffered: number };
  readonly log: {
    readonly epoch: string;
    readonly bytes: number;
    readonly full: boolean;
    /** What was found when the log was opened: it was damaged or a copy, and began a new epoch. */
    readonly recovered: {
      readonly reason: 'damaged' | 'cloned';
      readonly records: number;
      readonly lost: number;
      readonly movedTo: string | null;
    } | null;
  };
}
