import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Logger } from 'pino';
import type { Acts } from './act/acts.ts';
import { type Boot, type Clock, isSystemSynchronised, systemBoot } from './clock.ts';
import { TrustedClock } from './clock-trust.ts';
import { Closing } from './closing.ts';
import type { PortState, RunningPort } from './collect/driver.ts';
import type { Site, SitePort } from './config.ts';
import { siteEgress } from './egress.ts';
import { openHistory } from './history.ts';
import { limits } from './limits.ts';
import { localDesk, localFolder, pageFolder } from './local/desk.ts';
import { lockFolder } from './lock.ts';
import { openSnapshots } from './open-snapshots.ts';
import type { Pipeline } from './pipeline.ts';
import type { DeviceNow } from './slots.ts';
import { keptBy, orphans, underPort } from './port-memory.ts';
import type { Chance } from './random.ts';
import type { Snapshots } from './snapshot/snapshots.ts';
import { type HistoryReader, startHistoryReader } from './store/history-reader.ts';
import { renewEpoch } from './store/log-folder.ts';
import { type SqliteLog, openLog } from './store/sqlite-log.ts';
import { provenProfiles } from './site.ts';
import { type SitePath, openPath } from './site-path.ts';
import { Troubles } from './troubles.ts';
import { keptWallTime } from './timekeeper.ts';
import { UplinkSlot, type UplinkSlotOptions } from './uplink-slot.ts';
import { version } from './version.ts';
import { gatewayMetrics, gatewayStatus, recoveredSentence } from './view.ts';
import { openAccess } from './web/access-file.ts';
import { LocalApi } from './web/keep-listening.ts';
import type { GatewayStatus, WebNeeds } from './web/needs.ts';

export interface GatewayOptions {
  readonly site: Site;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Logger;
  /** Which boot of the machine this is. Default: what the kernel says. */
  readonly boot?: Boot;
  /** Whether the clock follows a time server. Default: what systemd-timesyncd says. */
  readonly isSynchronised?: () => boolean;
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
export interface Parts extends SitePath {
  readonly site: Site;
  readonly startedAt: number;
  readonly clock: TrustedClock;
  readonly log: SqliteLog;
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

async function bringUp(given: GatewayOptions, closing: Closing): Promise<RunningGateway> {
  const { site, log: logger } = given;
  const { isSynchronised = isSystemSynchronised, boot = systemBoot() } = given;
  const clock = new TrustedClock({ base: given.clock, boot, isSynchronised });
  const options = { ...given, clock };
  const { promise: ended, resolve: end } = Promise.withResolvers<End>();
  await mkdir(site.data, { recursive: true, mode: 0o700 });
  closing.add(lockFolder(site.data));
  const log = await openSiteLog(options, closing);
  const saved = await log.loadState();
  clock.remember(keptWallTime(saved));
  const startedAt = clock.now();
  const troubles = new Troubles(clock, logger);
  const history = openReader(options, log, troubles, closing);
  const running: { ports?: ReadonlyMap<string, GatewayPort> } = {};
  const portOf = (device: string) => running.ports?.get(site.devices.find(({ id }) => id === device)?.port ?? '')?.port;
  const snapshots = await openSnapshots({ site, clock, log, logger, troubles, portOf });
  const made: { path?: SitePath } = {};
  const onCloudTime: UplinkSlotOptions['onCloudTime'] = (...said) => made.path?.timekeeper.heardCloud(...said);
  const uplink = site.uplink ? await openUplink(options, log, { blobs: snapshots?.blobs, end, onCloudTime }) : null;
  closing.add(() => uplink?.stop());
  const onDead = (error: unknown) => end({ why: 'disk', error });
  const path = await openPath({ site, clock, log, saved, snapshots, troubles, onDead });
  made.path = path;
  const { pipeline, acting, timekeeper } = path;
  closing.add(() => pipeline.stop());
  closing.add(() => timekeeper.stop());
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
  const parts: Parts = { site, startedAt, clock, log, ...path, history, snapshots, uplink, ports, troubles };
  const view = { status: () => gatewayStatus(parts), metrics: () => gatewayMetrics(parts) };
  const access = await openAccess(localFolder(site));
  const api = await openLocalApi(
    options,
    { view, access, desk: localDesk(parts, () => provenProfiles(site.profileFolders)) },
    troubles,
  );
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
  { blobs, end, onCloudTime }: Pick<UplinkSlotOptions, 'blobs' | 'onCloudTime'> & { end: (end: End) => void },
): Promise<UplinkSlot> {
  const { site, clock, chance, log: logger, mayRenewLog = true } = options;
  const onForked = () => {
    logger.error({ epoch: log.epoch, mayRenewLog }, 'the cloud has more of this log than the log itself');
    if (!mayRenewLog) return;
    renewEpoch(join(site.data, 'log'));
    end({ why: 'new-log' });
  };
  const { gateway, data } = site;
  return new UplinkSlot({ gateway: gateway.id, data, log, clock, chance, logger, blobs, onForked, onCloudTime }).start();
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
  { site, clock, log }: GatewayOptions,
  needs: Pick<WebNeeds, 'view' | 'access' | 'desk'>,
  troubles: Troubles,
): Promise<LocalApi | null> {
  if (!site.listen) return null;
  const tell: WebNeeds['tell'] = (level, said, sentence) => log[level](said, sentence);
  return new LocalApi({
    needs: { ...needs, gateway: site.gateway, clock, page: pageFolder(), tell },
    ...site.listen,
    clock,
    againMs: limits.lookAgainMs,
    onTrouble: (zh, en, error) => troubles.add('local-api', zh, en, error),
    onUp: () => troubles.over('local-api'),
  }).start();
}
