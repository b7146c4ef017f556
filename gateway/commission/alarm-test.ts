import type { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import type { Transition } from '@yihu/device-profiles/vocabulary/transition.ts';
import { testAlarmId, type Witness } from '@yihu/device-profiles/vocabulary/witness.ts';
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
  /** Told of what becomes of test alarms at the other end; returns what ends it. */
  witness(listener: (witness: Witness) => void): () => void;
  uplink(): { readonly wire: string; readonly reason: { readonly zh: string; readonly en?: string | undefined } } | null;
}

export interface AlarmTest {
  readonly device: { readonly id: string; readonly profile: string };
  /** How long to wait for the cloud, milliseconds. */
  readonly waitMs: number;
  /** And then for somebody on duty to acknowledge it; 0: not at all. */
  readonly answerMs: number;
  readonly signal?: AbortSignal;
}

/** `ms`: since the alarm was made. */
export type AlarmTestStep =
  | { readonly step: 'kept'; readonly ms: number; readonly seq: number }
  | { readonly step: 'uplink'; readonly ms: number; readonly wire: string }
  | { readonly step: 'acknowledged'; readonly ms: number }
  /** The screen of somebody on duty shows it; they acknowledged it. As heard here, so the way back is in it. */
  | { readonly step: 'shown' | 'answered'; readonly ms: number; readonly by: string }
  | { readonly step: 'unanswered'; readonly ms: number; readonly zh: string; readonly en: string }
  | {
      readonly step: 'failed';
      readonly ms: number;
      readonly at: 'disk' | 'uplink' | 'cloud';
      readonly zh: string;
      readonly en: string;
    }
  | { readonly step: 'cleared'; readonly ms: number };

const lookMs = 50;
/** A screen that is open shows it long before. */
const shownWithinMs = 10_000;

/**
 * 告警试验: puts a marked alarm of a device on record, as if the device had raised it, follows it to the disk and until the cloud
 * has acknowledged it and somebody on duty has, and clears it again whatever came of it. It is recorded and shown as a test, and nobody is sent.
 * Where the gateway works alone, it ends with the disk.
 */
export async function* testAlarm(desk: AlarmTestDesk, test: AlarmTest): AsyncGenerator<AlarmTestStep> {
  const begun = desk.clock.mono();
  const since = () => Math.round(desk.clock.mono() - begun);
  const raised = transitionOf(desk, 'raised', episodeOf(desk));
  const seen = new Map<Witness['step'], { ms: number; by: string }>();
  const unfollow = desk.witness(({ device, episode, step, by }) => {
    if (device === test.device.id && episode === raised.episode && !seen.has(step)) seen.set(step, { ms: since(), by });
  });
  try {
    await desk.record([recordOf(desk, test, raised)]);
  } catch (error) {
    unfollow();
    return yield { step: 'failed', ms: since(), at: 'disk', ...notKept(error) };
  }
  try {
    const seq = (await desk.stats()).lanes.alarm.last;
    yield { step: 'kept', ms: since(), seq };
    const uplink = desk.uplink();
    if (uplink !== null) {
      yield { step: 'uplink', ms: since(), wire: uplink.wire };
      const heard = await acknowledged(desk, test, seq, since);
      yield heard;
      if (heard.step === 'acknowledged' && test.answerMs > 0) yield* answered(desk, test, seen, since);
    }
  } finally {
    unfollow();
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

/** What the desk of those on duty says, each as it comes. */
async function* answered(
  desk: AlarmTestDesk,
  test: AlarmTest,
  seen: ReadonlyMap<Witness['step'], { readonly ms: number; readonly by: string }>,
  since: () => number,
): AsyncGenerator<AlarmTestStep> {
  const from = since();
  let isShown = false;
  while (test.signal?.aborted !== true) {
    const [shown, answer] = [seen.get('shown') ?? seen.get('answered'), seen.get('answered')];
    if (shown && !isShown) yield { step: 'shown', ...shown };
    isShown ||= shown !== undefined;
    if (answer) return yield { step: 'answered', ...answer };
    if (since() - from >= (isShown ? test.answerMs : Math.min(test.answerMs, shownWithinMs))) break;
    await desk.clock.sleep(lookMs);
  }
  yield { step: 'unanswered', ms: since(), ...(isShown ? unanswered : unseen) };
}

const unseen = {
  zh: '没有值班屏显示它：可能没有人开着值班屏，或者这台网关不在他们的辖区，或者云端版本较早。',
  en: 'No screen on duty showed it: none may be open, or this gateway is in nobody’s area, or the cloud is an older one.',
};

const unanswered = {
  zh: '值班屏显示了，但没有人在时限内确认。',
  en: 'A screen on duty shows it, and nobody acknowledged it in time.',
};

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
