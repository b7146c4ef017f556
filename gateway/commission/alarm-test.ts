import type { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import type { Transition } from '@yihu/device-profiles/vocabulary/transition.ts';
import type { Clock, Stamp } from '../clock.ts';
import type { LogStats } from '../store/log.ts';

/** What a test alarm needs of a running gateway. */
export interface AlarmTestDesk {
  readonly clock: Clock;
  /** The time on the records. */
  stamp(): Stamp;
  /** Resolves when they are on disk. */
  record(records: readonly LogRecord[]): Promise<void>;
  stats(): Promise<LogStats>;
  /** Null: this gateway works alone. */
  uplink(): { readonly wire: string; readonly reason: { readonly zh: string; readonly en?: string | undefined } } | null;
}

export interface AlarmTest {
  readonly device: { readonly id: string; readonly profile: string };
  /** How long to wait for the cloud, milliseconds. */
  readonly waitMs: number;
  readonly signal?: AbortSignal;
}

/** `ms`: since the alarm was made. */
export type AlarmTestStep =
  | { readonly step: 'kept'; readonly ms: number; readonly seq: number }
  | { readonly step: 'uplink'; readonly ms: number; readonly wire: string }
  | { readonly step: 'acknowledged'; readonly ms: number }
  | {
      readonly step: 'failed';
      readonly ms: number;
      readonly at: 'disk' | 'uplink' | 'cloud';
      readonly zh: string;
      readonly en: string;
    }
  | { readonly step: 'cleared'; readonly ms: number };

/** Its name among the alarms of a device. */
export const testAlarmId = 'installer-test';
const lookMs = 50;

/**
 * 告警试验: puts a marked alarm of a device on record, as if the device had raised it, follows it to the disk and until the cloud
 * has acknowledged it, and clears it again whatever came of it. It is recorded and shown as a test, and nobody is sent.
 * Where the gateway works alone, it ends with the disk.
 */
export async function* testAlarm(desk: AlarmTestDesk, test: AlarmTest): AsyncGenerator<AlarmTestStep> {
  const begun = desk.clock.mono();
  const since = () => Math.round(desk.clock.mono() - begun);
  const raised = transitionOf(desk, 'raised', episodeOf(desk));
  try {
    await desk.record([recordOf(desk, test, raised)]);
  } catch (error) {
    return yield { step: 'failed', ms: since(), at: 'disk', ...notKept(error) };
  }
  try {
    const seq = (await desk.stats()).lanes.alarm.last;
    yield { step: 'kept', ms: since(), seq };
    const uplink = desk.uplink();
    if (uplink !== null) {
      yield { step: 'uplink', ms: since(), wire: uplink.wire };
      yield await acknowledged(desk, test, seq, since);
    }
  } finally {
    await desk.record([recordOf(desk, test, { ...raised, kind: 'cleared', reason: { code: 'test-over' }, at: desk.stamp().at })]);
  }
  yield { step: 'cleared', ms: since() };
}

/** Counts up for ever without being remembered: the seconds of the clock. */
function episodeOf(desk: AlarmTestDesk): number {
  return Math.max(1, Math.floor(desk.clock.now() / 1_000));
}

function transitionOf(desk: AlarmTestDesk, kind: 'raised', episode: number): Transition {
  return {
    alarm: testAlarmId,
    kind,
    episode,
    severity: 'warning',
    hazard: 'equipment',
    latch: 'none',
    name: { zh: '安装试验', en: 'Installer’s test' },
    reason: { code: 'event' },
    at: desk.stamp().at,
    test: true,
  };
}

function recordOf(desk: AlarmTestDesk, { device }: AlarmTest, transition: Transition): LogRecord {
  return { kind: 'alarm', device: device.id, profile: device.profile, ...desk.stamp(), events: [], transitions: [transition] };
}

async function acknowledged(desk: AlarmTestDesk, test: AlarmTest, seq: number, since: () => number): Promise<AlarmTestStep> {
  while (since() < test.waitMs) {
    if (test.signal?.aborted === true) break;
    const { readers } = (await desk.stats()).lanes.alarm;
    if ((readers['uplink']?.cursor ?? 0) >= seq) return { step: 'acknowledged', ms: since() };
    await desk.clock.sleep(lookMs);
  }
  const uplink = desk.uplink();
  if (uplink?.wire !== 'connected') return { step: 'failed', ms: since(), at: 'uplink', ...away(uplink?.reason) };
  return { step: 'failed', ms: since(), at: 'cloud', ...silentCloud };
}

function notKept(error: unknown): { zh: string; en: string } {
  return {
    zh: `没有写进磁盘（${String(error)}）。检查磁盘空间和健康。`,
    en: `It was not kept on disk (${String(error)}). Check the disk’s space and health.`,
  };
}

function away(reason: { readonly zh: string; readonly en?: string | undefined } | undefined): { zh: string; en: string } {
  return {
    zh: `没有连上云端：${reason?.zh ?? ''}告警在本机存着，连上就送。`,
    en: `The cloud is not connected: ${reason?.en ?? reason?.zh ?? ''} The alarm is kept here and sent when it is.`,
  };
}

const silentCloud = {
  zh: '已连上云端，但没有在时限内确认。告警在本机存着，会再送；请看云端的状态。',
  en: 'The cloud is connected and did not acknowledge in time. The alarm is kept here and sent again; look at the cloud’s status.',
};
