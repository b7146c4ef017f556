import { textIn } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Parts } from './main.ts';
import type { Recovered } from './store/log-host.ts';
import type { LogStats } from './store/log.ts';
import { type Metric, conservation, counterMetric, exposition } from './web/metrics.ts';
import type { GatewayStatus } from './web/needs.ts';
import { version } from './version.ts';

/** Troubles older than this are no longer shown as current. */
const troubleMs = 5 * 60_000;

/** What was found when the log was opened is shown this long. */
const recoveredShownMs = 24 * 3_600_000;

interface Sentence {
  readonly zh: string;
  readonly en: string;
}

/** What became of a log that could not be used on, and what a person should do. */
export function recoveredSentence({ reason, records, lost, movedTo, detail }: Recovered): Sentence {
  if (reason === 'cloned')
    return {
      zh: `日志换了新的编号（目录是复制来的、换了机器，或云端比本机日志还新），未确认的 ${records} 条已带过来。如果另有一台网关在用同一身份，请停掉其中一台。`,
      en: `The log began anew (its folder is a copy, or in another machine, or the cloud was ahead of it); ${records} unconfirmed records came along. If another gateway uses this identity, stop one of the two.`,
    };
  return {
    zh: `日志文件损坏（${detail}），救回 ${records} 条，丢失 ${lost} 条并已记为缺口；旧文件在 ${movedTo ?? ''}。请检查磁盘。`,
    en: `The log was damaged (${detail}): ${records} records were saved, ${lost} are lost and reported as a gap; the old file is ${movedTo ?? ''}. Check the disk.`,
  };
}

function problemsOf(parts: Parts, stats: LogStats): Sentence[] {
  const problems: Sentence[] = [];
  if (stats.full)
    problems.push({
      zh: '存储已满，最早的读数在让位给新的；告警不受影响。',
      en: 'The log is full: the oldest readings make room for new ones; alarms are not affected.',
    });
  const { recovered } = parts.log;
  if (recovered && parts.clock.now() - parts.startedAt < recoveredShownMs) problems.push(recoveredSentence(recovered));
  problems.push(...clockProblems(parts), ...portProblems(parts), ...uplinkProblems(parts), ...historyProblems(parts));
  const since = parts.clock.now() - troubleMs;
  for (const { at, zh, en } of parts.troubles.all())
    if (at >= since && !problems.some((problem) => problem.en.includes(en))) problems.push({ zh, en });
  return problems;
}

function clockProblems({ clock }: Parts): Sentence[] {
  if (clock.source === 'uptime')
    return [
      {
        zh: '网关不知道现在几点（时钟早于程序发布，或早于上次记录）。读数先留在本机，对时后补上时间；告警照常上送。请检查电池和时间同步。',
        en: 'The gateway does not know the time (its clock is before this program, or before what was last written). Readings wait here until it does; alarms are sent as ever. Check the battery and the time server.',
      },
    ];
  const seconds = Math.round(clock.systemErrorMs / 1000);
  if (seconds === 0) return [];
  return [
    {
      zh: `系统时钟${seconds > 0 ? '快' : '慢'} ${Math.abs(seconds)} 秒，记录按云端时间。请开启时间同步。`,
      en: `The system's clock is ${Math.abs(seconds)} seconds ${seconds > 0 ? 'fast' : 'slow'}; records carry the cloud's time. Turn time synchronisation on.`,
    },
  ];
}

function portProblems(parts: Parts): Sentence[] {
  return portList(parts).flatMap(({ port, driver, id }) => {
    const { wire, reason } = port.state();
    if (wire !== 'down') return [];
    return [
      { zh: `端口 ${id}（${driver}）断开：${reason?.zh ?? ''}`, en: `Port ${id} (${driver}) is down: ${reason?.en ?? ''}` },
    ];
  });
}

function uplinkProblems({ uplink }: Parts): Sentence[] {
  if (uplink === null) return [];
  const problems = uplink.problem ? [uplink.problem] : [];
  const state = uplink.uplink?.state();
  if (state === undefined || state.wire === 'connected') return problems;
  return [...problems, { zh: state.reason.zh, en: textIn(state.reason, 'en') }];
}

function historyProblems({ history, site }: Parts): Sentence[] {
  const { state, reason } = history.state();
  if (state === 'up') return [];
  const { kind } = site().history;
  return [
    {
      zh: `历史库（${kind}）写不进去：${reason ?? ''}。读数先存在日志里，恢复后自动补写。`,
      en: `The history (${kind}) takes nothing: ${reason ?? ''}. Readings wait in the log and are written when it is back.`,
    },
  ];
}

function portList(parts: Parts) {
  return [...parts.ports.all()].map(([id, { port, driver }]) => ({ id, port, driver }));
}

/** Failing is only what loses data; everything else that is down is degraded. */
function healthOf(parts: Parts, problems: readonly Sentence[]): GatewayStatus['health'] {
  const store = parts.troubles.get('store');
  const isFresh = store !== undefined && parts.clock.now() - store.at < 10_000;
  if (isFresh || parts.pipeline.trouble() !== null) return 'failing';
  return problems.length > 0 ? 'degraded' : 'ok';
}

/** Null where the log does not answer: the rest of the status is still worth showing. */
async function statsOrNull({ log }: Parts): Promise<LogStats | null> {
  try {
    return await log.stats();
  } catch {
    // That it does not answer is what the status then says.
    return null;
  }
}

const noLane = { first: 0, last: 0, bytes: 0, accepted: 0, readers: {} };
const noStats: LogStats = { lanes: { alarm: noLane, telemetry: noLane }, bytesOnDisk: 0, full: false };
const logSilent: Sentence = {
  zh: '日志不应答，数据存不下来，下面的数目不可信；磁盘一直这样时网关会自行结束并重新启动。请检查磁盘。',
  en: 'The log does not answer: data cannot be kept, and the counts below mean nothing; if the disk stays so, the gateway ends to be started again. Check the disk.',
};

const buffered = (stats: LogStats, reader: string) => ({
  alarm: stats.lanes.alarm.readers[reader]?.buffered ?? 0,
  telemetry: stats.lanes.telemetry.readers[reader]?.buffered ?? 0,
});

export async function gatewayStatus(parts: Parts): Promise<GatewayStatus> {
  const known = await statsOrNull(parts);
  const stats = known ?? noStats;
  const problems = [...(known ? [] : [logSilent]), ...problemsOf(parts, stats)];
  const uplink = parts.uplink?.uplink?.state();
  const { recovered } = parts.log;
  return {
    schema: 'yihu.status/1',
    gateway: parts.site().gateway.id,
    version,
    startedAt: parts.startedAt,
    at: parts.clock.now(),
    clock: parts.clock.source,
    health: known ? healthOf(parts, problems) : 'failing',
    problems,
    ports: portList(parts).map(({ id, port, driver }) => {
      const { wire, reason, devices } = port.state();
      const list = Object.values(devices);
      return {
        id,
        driver,
        wire,
        reason: reason ?? null,
        devices: list.length,
        heard: list.filter((device) => device.heardAt !== null && device.failures === 0).length,
      };
    }),
    uplink: uplink
      ? {
          wire: uplink.wire,
          reason: uplink.wire === 'connected' ? null : { zh: uplink.reason.zh, en: textIn(uplink.reason, 'en') },
          buffered: buffered(stats, 'uplink'),
        }
      : null,
    history: {
      kind: parts.site().history.kind,
      state: parts.history.state().state,
      buffered: buffered(stats, 'history').telemetry,
    },
    log: {
      epoch: parts.log.epoch,
      bytes: stats.bytesOnDisk,
      full: stats.full,
      recovered: recovered && {
        reason: recovered.reason,
        records: recovered.records,
        lost: recovered.lost,
        movedTo: recovered.movedTo,
      },
    },
  };
}

export async function gatewayMetrics(parts: Parts): Promise<string> {
  const stats = await parts.log.stats();
  const ports = Object.fromEntries(portList(parts).map(({ id, port }) => [id, port.counters()]));
  const metrics: Metric[] = [
    ...conservation(stats),
    counterMetric(
      'yihu_pipeline_total',
      'What went through the path since the start.',
      { pipeline: parts.pipeline.counters() },
      'part',
    ),
    counterMetric(
      'yihu_act_total',
      'Orders to devices by what became of them, and alarms that set linkage off, since the start.',
      { acts: parts.acting.acts.counters(), linkage: parts.acting.linkage.counters() },
      'part',
    ),
    counterMetric('yihu_port_total', 'What each port did since the start.', ports, 'port'),
    {
      name: 'yihu_process_resident_memory_bytes',
      help: 'Resident memory.',
      type: 'gauge',
      samples: [{ labels: {}, value: process.memoryUsage.rss() }],
    },
    {
      name: 'yihu_process_cpu_seconds_total',
      help: 'User and system time.',
      type: 'counter',
      samples: [{ labels: {}, value: cpuSeconds() }],
    },
  ];
  if (parts.snapshots) metrics.push(...snapshotMetrics(parts.snapshots));
  const uplink = parts.uplink?.uplink;
  if (uplink)
    metrics.push(
      counterMetric('yihu_uplink_total', 'What the uplink did since the start.', { uplink: { ...uplink.counters() } }, 'part'),
    );
  return exposition(metrics);
}

function snapshotMetrics(snapshots: NonNullable<Parts['snapshots']>): Metric[] {
  const waiting = Object.entries(snapshots.waiting()).map(([part, value]) => ({ labels: { part }, value }));
  return [
    counterMetric(
      'yihu_snapshots_total',
      'What became of pictures of alarms since the start.',
      { snapshots: snapshots.counters() },
      'part',
    ),
    {
      name: 'yihu_snapshots_waiting',
      help: 'Pictures to be taken, to be sent, and bytes in the folder.',
      type: 'gauge',
      samples: waiting,
    },
  ];
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
