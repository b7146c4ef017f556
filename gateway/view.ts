import { textIn } from '@yihu/device-profiles/vocabulary/text.ts';
import type { LogStats } from './store/log.ts';
import type { Parts } from './main.ts';
import { type Metric, conservation, counterMetric, exposition } from './web/metrics.ts';
import type { GatewayStatus } from './web/server.ts';
import { version } from './version.ts';

/** Troubles older than this are no longer shown as current. */
const troubleMs = 5 * 60_000;

/** Said as long as it holds: nobody sees an alarm of a gateway that no cloud knows. */
export const unclaimed = {
  zh: '还没有认领到云端，数据先存在本机。运行：yihu-gateway claim <云端地址> <认领码>，然后重新启动网关。',
  en: 'Not claimed by a cloud yet; everything is kept here. Run: yihu-gateway claim <cloud address> <claim code>, then start the gateway again.',
} as const;

function problemsOf(parts: Parts, stats: LogStats): { zh: string; en: string }[] {
  const problems: { zh: string; en: string }[] = [];
  if (stats.full)
    problems.push({
      zh: '存储已满，最早的读数在让位给新的；告警不受影响。',
      en: 'The log is full: the oldest readings make room for new ones; alarms are not affected.',
    });
  if (parts.site.uplink && parts.uplink === null) problems.push(unclaimed);
  for (const { port, driver, id } of portList(parts)) {
    const { wire, reason } = port.state();
    if (wire === 'down')
      problems.push({
        zh: `端口 ${id}（${driver}）断开：${reason?.zh ?? ''}`,
        en: `Port ${id} (${driver}) is down: ${reason?.en ?? ''}`,
      });
  }
  const since = parts.clock.now() - troubleMs;
  for (const trouble of parts.troubles.values()) {
    if (trouble.at >= since && !problems.some(({ en }) => en.includes(trouble.en)))
      problems.push({ zh: trouble.zh, en: trouble.en });
  }
  return problems;
}

function portList(parts: Parts) {
  return [...parts.ports].map(([id, { port, driver }]) => ({ id, port, driver }));
}

/** Failing is only what loses data; everything else that is down is degraded. */
function healthOf(parts: Parts, stats: LogStats, problems: readonly unknown[]): GatewayStatus['health'] {
  const store = parts.troubles.get('store');
  if (store && parts.clock.now() - store.at < 10_000) return 'failing';
  const uplinkDown = parts.uplink !== null && parts.uplink.state().wire !== 'connected';
  return problems.length > 0 || stats.full || uplinkDown || parts.history.state().state !== 'up' ? 'degraded' : 'ok';
}

const buffered = (stats: LogStats, reader: string) => ({
  alarm: stats.lanes.alarm.readers[reader]?.buffered ?? 0,
  telemetry: stats.lanes.telemetry.readers[reader]?.buffered ?? 0,
});

export async function gatewayStatus(parts: Parts): Promise<GatewayStatus> {
  const stats = await parts.log.stats();
  const problems = problemsOf(parts, stats);
  const uplink = parts.uplink?.state();
  return {
    schema: 'yihu.status/1',
    gateway: parts.site.gateway.id,
    version,
    startedAt: parts.startedAt,
    at: parts.clock.now(),
    health: healthOf(parts, stats, problems),
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
      kind: parts.site.history.kind,
      state: parts.history.state().state,
      buffered: buffered(stats, 'history').telemetry,
    },
    log: { epoch: parts.log.epoch, bytes: stats.bytesOnDisk, full: stats.full },
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
  if (parts.uplink)
    metrics.push(
      counterMetric(
        'yihu_uplink_total',
        'What the uplink did since the start.',
        { uplink: { ...parts.uplink.counters() } },
        'part',
      ),
    );
  return exposition(metrics);
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
