import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import type { PortState, RunningPort } from './collect/driver.ts';
import type { Site } from './config.ts';
import { compile } from './decode/decode.ts';
import { compileRules } from './evaluate/rules.ts';
import { openHistory } from './history.ts';
import { lockFolder } from './lock.ts';
import { limits } from './limits.ts';
import { type Pipeline, startPipeline } from './pipeline.ts';
import type { Chance } from './random.ts';
import { type HistoryReader, startHistoryReader } from './store/history-reader.ts';
import type { Log } from './store/log.ts';
import { openLog } from './store/sqlite-log.ts';
import { loadIdentity } from './uplink/identity.ts';
import { type Uplink, startUplink } from './uplink/uplink.ts';
import { version } from './version.ts';
import { type GatewayStatus, startLocalApi } from './web/server.ts';
import { gatewayMetrics, gatewayStatus, unclaimed } from './view.ts';

export interface GatewayOptions {
  readonly site: Site;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly log: Logger;
}

export interface RunningGateway {
  readonly url: string | null;
  status(): Promise<GatewayStatus>;
  metrics(): Promise<string>;
  /** Lets go of the wires first, then commits what is under way, then closes the log. */
  stop(): Promise<void>;
}

/** What a running gateway is made of; `view.ts` shows it. */
export interface Parts {
  readonly site: Site;
  readonly startedAt: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly pipeline: Pipeline;
  readonly history: HistoryReader;
  readonly uplink: Uplink | null;
  readonly ports: ReadonlyMap<string, { port: RunningPort; state: PortState; driver: string }>;
  readonly troubles: ReadonlyMap<string, { at: number; zh: string; en: string }>;
}

/** Things opened, in order; closed in reverse, also when a later one does not open. */
class Closing {
  readonly #steps: (() => Promise<void> | void)[] = [];

  add(step: () => Promise<void> | void): void {
    this.#steps.push(step);
  }

  async run(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) await step();
  }
}

/** Brings a checked site to life: log → history → uplink → pipeline → ports → local API. What does not start leaves nothing running. */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const closing = new Closing();
  try {
    return await bringUp(options, closing);
  } catch (error) {
    await closing.run();
    throw error;
  }
}

async function bringUp(options: GatewayOptions, closing: Closing): Promise<RunningGateway> {
  const { site, clock, log: logger } = options;
  await mkdir(site.data, { recursive: true, mode: 0o700 });
  closing.add(lockFolder(site.data));
  const log = await openSiteLog(options);
  closing.add(() => log.close());
  const troubles = new Map<string, { at: number; zh: string; en: string }>();
  const trouble = (key: string, zh: string, en: string, error?: unknown) => {
    troubles.set(key, { at: clock.now(), zh, en });
    logger.warn({ key, err: error }, en);
  };
  const engine = await openHistory(site, clock);
  closing.add(() => engine.close());
  const history = startHistoryReader(log, engine, { clock, log: logger });
  closing.add(() => history.stop());
  const uplink = site.uplink ? await openUplink(options, log, trouble) : null;
  closing.add(() => uplink?.stop());
  const pipeline = await openPipeline(options, log, trouble);
  closing.add(() => pipeline.stop());
  // Closed before the pipeline: the wires are let go of first, then what is under way is committed.
  const ports = await openPorts(options, pipeline, trouble, closing);
  const parts: Parts = { site, startedAt: clock.now(), clock, log, pipeline, history, uplink, ports, troubles };
  const view = { status: () => gatewayStatus(parts), metrics: () => gatewayMetrics(parts) };
  const api = site.listen ? await startLocalApi(view, site.listen.host, site.listen.port) : null;
  closing.add(() => api?.stop());
  logger.info({ gateway: site.gateway.id, version, devices: site.devices.length, url: api?.url }, 'gateway is running');
  return { ...view, url: api?.url ?? null, stop: () => closing.run() };
}

function openSiteLog({ site, clock }: GatewayOptions): Promise<Log> {
  return openLog({
    folder: join(site.data, 'log'),
    maxBytes: site.storeBytes,
    alarmReserveBytes: Math.min(limits.alarmReserveBytes, site.storeBytes / 4),
    readers: site.uplink ? ['history', 'uplink'] : ['history'],
    clock,
  });
}

function openPipeline({ site, clock }: GatewayOptions, log: Log, trouble: Trouble): Promise<Pipeline> {
  return startPipeline({
    log,
    clock,
    devices: site.devices.map((device) => ({
      id: device.id,
      profile: device.profile.id,
      decoder: compile(device.profile),
      rules: compileRules(device.profile, device.overrides),
    })),
    inventory: site.inventory,
    inventoryHash: site.inventoryHash,
    onTrouble: ({ device, zh, en, error }) => trouble(device ?? 'store', zh, en, error),
  });
}

type Trouble = (key: string, zh: string, en: string, error?: unknown) => void;

async function openUplink(
  { site, clock, chance, log: logger }: GatewayOptions,
  log: Log,
  trouble: Trouble,
): Promise<Uplink | null> {
  const folder = join(site.data, 'identity');
  const identity = await loadIdentity(folder);
  if (!identity) {
    trouble('uplink', unclaimed.zh, unclaimed.en);
    return null;
  }
  return startUplink({
    gateway: identity.gateway,
    log,
    // Read at each connect, so that a renewed certificate is taken up.
    connect: async () => ((await loadIdentity(folder)) ?? identity).connect,
    clock,
    chance,
    logger,
    version,
  });
}

async function openPorts({ site, clock, log: logger }: GatewayOptions, pipeline: Pipeline, trouble: Trouble, closing: Closing) {
  const ports = new Map<string, { port: RunningPort; state: PortState; driver: string }>();
  for (const { id, driver, settings, devices } of site.ports) {
    const slot: { state: PortState } = { state: { wire: 'connecting', devices: {} } };
    const port = await driver.start({
      id,
      port: settings,
      devices,
      clock,
      log: logger.child({ port: id }),
      emit: (frames) => pipeline.emit(frames),
      report: (state) => {
        slot.state = state;
        if (state.reason) trouble(`port ${id}`, state.reason.zh, state.reason.en);
      },
    });
    closing.add(() => port.stop());
    ports.set(id, Object.assign(slot, { port, driver: driver.name }));
  }
  return ports;
}
