import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Acts } from './act/acts.ts';
import { type Boot, type Clock, isSystemSynchronised, systemBoot } from './clock.ts';
import { TrustedClock } from './clock-trust.ts';
import { Closing } from './closing.ts';
import type { Site } from './config.ts';
import { openHistory } from './history.ts';
import { limits } from './limits.ts';
import { LiveSite } from './live-site.ts';
import { localDesk, localFolder, pageFolder } from './local/desk.ts';
import { lender } from './local/lend.ts';
import { foldersOf } from './local/own-profiles.ts';
import type { Scans } from './local/scans.ts';
import { lockFolder } from './lock.ts';
import { openSnapshots } from './open-snapshots.ts';
import { type SiteDoor, doorTo, openChanges } from './open-changes.ts';
import { openPushes } from './open-pushes.ts';
import type { DeviceNow } from './slots.ts';
import type { Chance } from './random.ts';
import { RunningPorts } from './running-ports.ts';
import { type Catalog, provenProfiles } from './site.ts';
import type { Snapshots } from './snapshot/snapshots.ts';
import { type HistoryReader, startHistoryReader } from './store/history-reader.ts';
import { renewEpoch } from './store/log-folder.ts';
import { type SqliteLog, openLog } from './store/sqlite-log.ts';
import { type SitePath, type SitePathOptions, openPath } from './site-path.ts';
import { serviceOf } from './service.ts';
import { isTooLong, socketOf, startServiceSocket } from './service-socket.ts';
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
  /** What a change of the site is checked against. Default: loaded at the first change, which takes seconds. */
  readonly catalog?: Catalog;
}

/** Why a gateway cannot go on as it is. */
export type End =
  /** The disk has failed for too long: the process must end, so that a supervisor starts it on a file system read anew. */
  | { readonly why: 'disk'; readonly error: unknown }
  /** The log begins a new epoch at the next start, which may follow at once in the same process. */
  | { readonly why: 'new-log' };

export interface RunningGateway extends SiteDoor {
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

/** What a running gateway is made of; `view.ts` shows it. */
export interface Parts extends Pick<SitePath, 'pipeline' | 'acting'> {
  readonly site: () => Site;
  readonly startedAt: number;
  readonly clock: TrustedClock;
  readonly log: SqliteLog;
  readonly history: HistoryReader;
  /** Null where its folder cannot be used. */
  readonly snapshots: Snapshots | null;
  /** Null where the site file says `uplink: off`. */
  readonly uplink: UplinkSlot | null;
  readonly ports: Pick<RunningPorts, 'all'>;
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
  const live = new LiveSite(site);
  const made: { path?: SitePath; ports?: RunningPorts } = {};
  const portOf = (device: string) => made.ports?.get(live.site().devices.find(({ id }) => id === device)?.port ?? '');
  const snapshots = await openSnapshots({ site: live.site, clock, log, logger, troubles, portOf });
  const onCloudTime: UplinkSlotOptions['onCloudTime'] = (...said) => made.path?.timekeeper.heardCloud(...said);
  const uplink = site.uplink ? await openUplink(options, log, { blobs: snapshots?.blobs, end, onCloudTime }) : null;
  closing.add(() => uplink?.stop());
  const onDead = (error: unknown) => end({ why: 'disk', error });
  const onHeard: SitePathOptions['onHeard'] = (...heard) => live.heard(...heard);
  const path = await openPath({ site: live.site, clock, log, saved, snapshots, troubles, onDead, onHeard });
  made.path = path;
  const { pipeline, acting, timekeeper } = path;
  closing.add(() => pipeline.stop());
  closing.add(() => timekeeper.stop());
  // Closed before the pipeline: the wires are let go of first, then what is under way is committed.
  const ports = new RunningPorts({ site: live.site, clock, log: logger, pipeline, snapshots, troubles });
  made.ports = ports;
  live.begin({ ports, path, log, uplink });
  await live.forgetGone();
  closing.add(() => ports.stop());
  await ports.start(site.ports, saved);
  acting.take({ port: (id) => ports.get(id) });
  // Closed before the ports: what is on the wire comes home.
  closing.add(() => acting.stop());
  snapshots?.begin();
  // Stopped first: what is ordered while the wires go is taken after the next start.
  closing.add(() => snapshots?.stop());
  const changes = openChanges(options, live, { pipeline, troubles });
  closing.add(() => changes.stop());
  await changes.reportEarlier();
  if (uplink) {
    const pushes = openPushes({ clock, live, changes, pipeline, troubles, uplink });
    uplink.onCommand = (payload) => pushes.hear(payload);
    closing.add(() => pushes.stop());
  }
  const { acts } = acting;
  const parts: Parts = { site: live.site, startedAt, clock, log, ...path, history, snapshots, uplink, ports, troubles };
  const view = { status: () => gatewayStatus(parts), metrics: () => gatewayMetrics(parts) };
  const door = doorTo(changes);
  const access = await openAccess(localFolder(site));
  const lend = lender({ ports, site: live.site, saved: () => log.loadState() });
  const desk = localDesk(parts, { lend, changes, loadProfiles: () => provenProfiles(foldersOf(live.site())) });
  closing.add(() => desk.stop());
  const api = await openLocalApi(options, { view, access, desk }, troubles);
  closing.add(() => api?.stop());
  closing.add(await openService(parts, door, desk.scans));
  logger.info({ gateway: site.gateway.id, version, devices: site.devices.length, url: api?.url }, 'gateway is running');
  return {
    ...view,
    ...door,
    acts,
    snapshot: () => pipeline.snapshot(),
    ended,
    stop: () => closing.close(),
    get url() {
      return api?.url ?? null;
    },
  };
}

/** Without it the gateway works, and this machine's commands cannot ask it. */
async function openService(parts: Parts, door: SiteDoor, scans: Scans): Promise<() => Promise<void>> {
  const path = socketOf(parts.site().data);
  const fail = (zh: string, en: string, error?: unknown) => {
    parts.troubles.add('service', zh, en, error);
    return () => Promise.resolve();
  };
  if (isTooLong(path))
    return fail(
      `数据目录的路径太长，apply、doctor、scan、write、alarm 命令连不上网关：${path}`,
      `The path of the data folder is too long, so the commands apply, doctor, scan, write and alarm cannot reach the gateway: ${path}`,
    );
  try {
    return await startServiceSocket(path, serviceOf(parts, door, scans));
  } catch (error) {
    return fail(
      `开不了 ${path}，apply、doctor、scan、write、alarm 命令连不上网关。请检查数据目录的权限。`,
      `${path} cannot be opened, so the commands apply, doctor, scan, write and alarm cannot reach the gateway. Check the data folder's permissions.`,
      error,
    );
  }
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
