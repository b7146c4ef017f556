import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Logger } from 'pino';
import { Acting } from './acting.ts';
import type { Acts } from './act/acts.ts';
import type { Clock } from './clock.ts';
import { Closing } from './closing.ts';
import type { PortState, RunningPort } from './collect/driver.ts';
import type { Site, SitePort } from './config.ts';
import { compile } from './decode/decode.ts';
import { siteEgress } from './egress.ts';
import { compileReporting } from './evaluate/report.ts';
import { compileRules } from './evaluate/rules.ts';
import { openHistory } from './history.ts';
import { limits } from './limits.ts';
import { lockFolder } from './lock.ts';
import { openSnapshots } from './open-snapshots.ts';
import { type DeviceNow, type Pipeline, startPipeline } from './pipeline.ts';
import { keptBy, orphans, underPort } from './port-memory.ts';
import type { Chance } from './random.ts';
import type { Snapshots } from './snapshot/snapshots.ts';
import { type HistoryReader, startHistoryReader } from './store/history-reader.ts';
import { renewEpoch } from './store/log-folder.ts';
import { StoreError } from './store/log.ts';
import { type SqliteLog, openLog } from './store/sqlite-log.ts';
import { Troubles } from './troubles.ts';
import { UplinkSlot } from './uplink-slot.ts';
import { version } from './version.ts';
import { gatewayMetrics, gatewayStatus, recoveredSentence } from './view.ts';
import { LocalApi } from './web/keep-listening.ts';
import type { GatewayStatus } from './web/server.ts';

export interface GatewayOptions {
  readonly site: Site;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Logger;
  /** Whether a log that the cloud is ahead of may begin a new epoch. Default: true. */
  readonly mayRenewLog?: boolean;
}

/** Why a gateway cannot go on as it is. */
export type End =
  /** The disk has failed for too long: the process must end, so that a supervisor starts it on a file system read anew. */
  | { readonly why: 'disk'; readonly error: unknown }
  /** The log begins a new epoch at the next start, which may follow at once in the same process. */
  | { readonly why: 'new-log' };

export interface RunningGateway {
  /** Of the local API; null while it does not listen. */
  readonly url: string | null;
  /** Resolves when the gateway cannot go on; it still has to be stopped. */
  readonly ended: Promise<End>;
  status(): Promise<GatewayStatus>;
  metrics(): Promise<string>;
  /** The door to devices, for whoever orders something. */
  readonly acts: Acts;
  /** 当前值 of every device. */
  snapshot(): DeviceNow[];
  /** Lets go of the wires first, then commits what is under way, then closes the log. */
  stop(): Promise<void>;
}

export interface GatewayPort {
  readonly port: RunningPort;
  readonly driver: string;
}

/** What a running gateway is made of; `view.ts` shows it. */
export interface Parts {
  readonly site: Site;
  readonly startedAt: number;
  readonly clock: Clock;
  readonly log: SqliteLog;
  readonly pipeline: Pipeline;
  readonly acting: Acting;
  readonly history: HistoryReader;
  /** Null where its folder cannot be used. */
  readonly snapshots: Snapshots | null;
  /** Null where the site file says `uplink: off`. */
  readonly uplink: UplinkSlot | null;
  readonly ports: ReadonlyMap<string, GatewayPort>;
  readonly troubles: Troubles;
}

/**
 * Brings a checked site to life: log → history → uplink → pipeline → ports → local API. History, uplink, ports
 * and local API each may fail without the others; what does not start leaves nothing running.
 */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const closing = new Closing();
  try {
    return await bringUp(options, closing);
  } catch (error) {
    await closing.close().catch((cause: unknown) => options.log.warn({ err: cause }, 'closing after a failed start'));
    throw error;
  }
}

async function bringUp(options: GatewayOptions, closing: Closing): Promise<RunningGateway> {
  const { site, clock, log: logger } = options;
  const startedAt = clock.now();
  const troubles = new Troubles(clock, logger);
  const { promise: ended, resolve: end } = Promise.withResolvers<End>();
  await mkdir(site.data, { recursive: true, mode: 0o700 });
  closing.add(lockFolder(site.data));
  const log = await openSiteLog(options, closing);
  const history = openReader(options, log, troubles, closing);
  const running: { ports?: ReadonlyMap<string, GatewayPort> } = {};
  const portOf = (device: string) => running.ports?.get(site.devices.find(({ id }) => id === device)?.port ?? '')?.port;
  const snapshots = await openSnapshots({ site, clock, log, logger, troubles, portOf });
  const uplink = site.uplink ? await openUplink(options, log, snapshots, end) : null;
  closing.add(() => uplink?.stop());
  const saved = await log.loadState();
  const acting = await openActing(options, log, saved, troubles);
  const pipeline = await openPipeline(options, { log, acting, snapshots, troubles }, end);
  closing.add(() => pipeline.stop());
  acting.take({ pipeline });
  // Closed before the pipeline: the wires are let go of first, then what is under way is committed.
  await pipeline.emit(
    [],
    orphans(
      saved,
      site.ports.map(({ id }) => id),
    ),
  );
  const ports = await openPorts(options, { pipeline, snapshots, saved, troubles });
  closing.add(() => stopPorts(ports));
  acting.take({ port: (id) => ports.get(id)?.port });
  // Closed before the ports: what is on the wire comes home.
  closing.add(() => acting.stop());
  running.ports = ports;
  snapshots?.begin();
  // Stopped first: what is ordered while the wires go is taken after the next start.
  closing.add(() => snapshots?.stop());
  const { acts } = acting;
  const parts: Parts = { site, startedAt, clock, log, pipeline, acting, history, snapshots, uplink, ports, troubles };
  const view = { status: () => gatewayStatus(parts), metrics: () => gatewayMetrics(parts) };
  const api = await openLocalApi(options, view, troubles);
  closing.add(() => api?.stop());
  logger.info({ gateway: site.gateway.id, version, devices: site.devices.length, url: api?.url }, 'gateway is running');
  return {
    ...view,
    acts,
    snapshot: () => pipeline.snapshot(),
    ended,
    stop: () => closing.close(),
    get url() {
      return api?.url ?? null;
    },
  };
}

async function openSiteLog({ site, clock, log: logger }: GatewayOptions, closing: Closing): Promise<SqliteLog> {
  const log = await openLog({
    folder: join(site.data, 'log'),
    maxBytes: site.storeBytes,
    alarmReserveBytes: Math.min(limits.alarmReserveBytes, site.storeBytes / 4),
    readers: site.uplink ? ['history', 'uplink'] : ['history'],
    clock,
  });
  closing.add(() => log.close());
  if (log.recovered) logger.error({ ...log.recovered, epoch: log.epoch }, recoveredSentence(log.recovered).en);
  return log;
}

async function openActing(
  { site, clock }: GatewayOptions,
  log: SqliteLog,
  saved: ReadonlyMap<string, string>,
  troubles: Troubles,
): Promise<Acting> {
  const acting = new Acting({
    site,
    log,
    clock,
    stamp: () => ({ at: clock.now() }),
    onTrouble: ({ device, zh, en, error }) => troubles.add(device ?? 'linkage', zh, en, error),
  });
  await acting.begin(saved);
  return acting;
}

interface Opened {
  readonly log: SqliteLog;
  readonly acting: Acting;
  readonly snapshots: Snapshots | null;
  readonly troubles: Troubles;
}

function openPipeline(
  { site, clock }: GatewayOptions,
  { log, acting, snapshots, troubles }: Opened,
  end: (end: End) => void,
): Promise<Pipeline> {
  const starting: { pipeline?: Pipeline } = {};
  const started = startPipeline({
    log,
    clock,
    devices: site.devices.map((device) => ({
      id: device.id,
      profile: device.profile.id,
      decoder: compile(device.profile),
      rules: compileRules(device.profile, device.overrides),
      reporting: compileReporting(device.profile.points),
    })),
    inventory: site.inventory,
    inventoryHash: site.inventoryHash,
    inventoryProfiles: site.inventoryProfiles,
    linkage: acting.linkage,
    onHeard: (device, readings) => acting.acts.heard(device, readings),
    besides: (record) => snapshots?.besides(record) ?? [],
    onKept: (records) => snapshots?.kept(records),
    onTrouble: ({ device, zh, en, error }) => {
      troubles.add(device ?? 'store', zh, en, error);
      const trouble = starting.pipeline?.trouble();
      if (trouble && isBeyondPatience(trouble, clock.mono())) end({ why: 'disk', error: trouble.error });
    },
  });
  return started.then((pipeline) => (starting.pipeline = pipeline));
}

/** A full or read-only disk may become free again; one that fails, or a store that died, needs a fresh start. */
function isBeyondPatience({ sinceMono, error }: { sinceMono: number; error: unknown }, mono: number): boolean {
  if (error instanceof StoreError && error.code !== 'io' && error.code !== 'closed') return false;
  return mono - sinceMono >= limits.ioPatienceMs;
}

function openReader({ site, clock, log: logger }: GatewayOptions, log: SqliteLog, troubles: Troubles, closing: Closing) {
  const engine = openHistory(site, clock, (movedTo) =>
    troubles.add(
      'history',
      `历史库损坏，已另存为 ${movedTo}，从空库重新开始；日志和告警不受影响。`,
      `The history was damaged and is kept as ${movedTo}; an empty one begins. The log and the alarms are not affected.`,
    ),
  );
  closing.add(() => engine.close());
  const history = startHistoryReader(log, engine, { clock, log: logger });
  closing.add(() => history.stop());
  return history;
}

function openUplink(
  options: GatewayOptions,
  log: SqliteLog,
  snapshots: Snapshots | null,
  end: (end: End) => void,
): Promise<UplinkSlot> {
  const { site, clock, chance, log: logger, mayRenewLog = true } = options;
  const onForked = () => {
    logger.error({ epoch: log.epoch, mayRenewLog }, 'the cloud has more of this log than the log itself');
    if (!mayRenewLog) return;
    renewEpoch(join(site.data, 'log'));
    end({ why: 'new-log' });
  };
  const blobs = snapshots?.blobs;
  return new UplinkSlot({ gateway: site.gateway.id, data: site.data, log, clock, chance, logger, blobs, onForked }).start();
}

interface Within {
  readonly pipeline: Pipeline;
  readonly snapshots: Snapshots | null;
  readonly saved: ReadonlyMap<string, string>;
  readonly troubles: Troubles;
}

async function openPorts(options: GatewayOptions, within: Within): Promise<Map<string, GatewayPort>> {
  const ports = new Map<string, GatewayPort>();
  for (const port of options.site.ports)
    ports.set(port.id, { port: await openPort(options, port, within), driver: port.driver.name });
  return ports;
}

/** A driver that breaks at its start takes its own port down, and no other. */
async function openPort(
  { site, clock, log: logger }: GatewayOptions,
  { id, driver, settings, devices }: SitePort,
  { pipeline, snapshots, saved, troubles }: Within,
): Promise<RunningPort> {
  const report = ({ reason }: PortState) => {
    if (reason) troubles.add(`port ${id}`, reason.zh, reason.en);
    else troubles.over(`port ${id}`);
  };
  const log = logger.child({ port: id });
  try {
    return await driver.start({
      id,
      port: settings,
      devices,
      folder: dirname(site.file),
      clock,
      log,
      egress: siteEgress(site.subnets),
      emit: (frames, keep = []) => pipeline.emit(frames, underPort(id, keep)),
      kept: keptBy(id, saved),
      ...(snapshots && { snapshot: (picture) => snapshots.offer(picture) }),
      report,
    });
  } catch (error) {
    const reason = {
      zh: `没有启动（${String(error)}）。请检查现场文件里的这个端口，改好后重启网关。`,
      en: `It did not start (${String(error)}). Check this port in the site file, then start the gateway again.`,
    };
    troubles.add(`port ${id}`, reason.zh, reason.en, error);
    return deadPort(reason);
  }
}

function deadPort(reason: { zh: string; en: string }): RunningPort {
  return { stop: () => Promise.resolve(), state: () => ({ wire: 'down', reason, devices: {} }), counters: () => ({}) };
}

async function stopPorts(ports: ReadonlyMap<string, GatewayPort>): Promise<void> {
  const stopped = await Promise.allSettled([...ports.values()].map(({ port }) => port.stop()));
  const failed = stopped.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

async function openLocalApi(
  { site, clock }: GatewayOptions,
  view: { status(): Promise<GatewayStatus>; metrics(): Promise<string> },
  troubles: Troubles,
): Promise<LocalApi | null> {
  if (!site.listen) return null;
  return new LocalApi({
    view,
    ...site.listen,
    clock,
    againMs: limits.lookAgainMs,
    onTrouble: (zh, en, error) => troubles.add('local-api', zh, en, error),
    onUp: () => troubles.over('local-api'),
  }).start();
}
