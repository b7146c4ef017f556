import { dirname } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import type { PortState, RunningPort } from './collect/driver.ts';
import type { Site, SitePort } from './config.ts';
import { siteEgress } from './egress.ts';
import type { Pipeline } from './pipeline.ts';
import { keptBy, underPort } from './port-memory.ts';
import type { Snapshots } from './snapshot/snapshots.ts';
import type { Troubles } from './troubles.ts';

export interface GatewayPort {
  readonly port: RunningPort;
  readonly driver: string;
}

export interface RunningPortsOptions {
  /** As it is now; asked each time. */
  readonly site: () => Site;
  readonly clock: Clock;
  readonly log: Logger;
  readonly pipeline: Pick<Pipeline, 'emit'>;
  readonly snapshots: Snapshots | null;
  readonly troubles: Troubles;
}

/** The ports of a site as they run. */
export class RunningPorts {
  readonly #options: RunningPortsOptions;
  readonly #ports = new Map<string, GatewayPort>();

  constructor(options: RunningPortsOptions) {
    this.#options = options;
  }

  get(id: string): RunningPort | undefined {
    return this.#ports.get(id)?.port;
  }

  /** In the order of the site file. */
  all(): ReadonlyMap<string, GatewayPort> {
    const order = this.#options.site().ports.map(({ id }) => id);
    return new Map([...this.#ports].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)));
  }

  /** `saved`: what the log had kept when nothing of these ports was under way. */
  async start(ports: readonly SitePort[], saved: ReadonlyMap<string, string>): Promise<void> {
    for (const port of ports) this.#ports.set(port.id, { port: await this.#open(port, saved), driver: port.driver.name });
  }

  /** Whoever has the wire of this port meanwhile. */
  standIn(section: SitePort, port: RunningPort): void {
    this.#ports.set(section.id, { port, driver: section.driver.name });
  }

  /** All of them have let go of their wires when this resolves; rejects with what the first that failed said. */
  async stop(): Promise<void> {
    const failed = await this.#letGo(new Set(this.#ports.keys()));
    if (failed) throw failed.reason;
  }

  /** The same of some; one that breaks at its stop is gone all the same. */
  async letGo(ids: ReadonlySet<string>): Promise<void> {
    const failed = await this.#letGo(ids);
    if (failed) this.#options.log.error({ err: failed.reason as unknown }, 'a driver broke while its port was stopped');
  }

  async #letGo(ids: ReadonlySet<string>): Promise<PromiseRejectedResult | undefined> {
    const going = [...this.#ports].filter(([id]) => ids.has(id));
    const stopped = await Promise.allSettled(going.map(([, { port }]) => port.stop()));
    for (const [id] of going) {
      this.#ports.delete(id);
      this.#options.troubles.over(`port ${id}`);
    }
    return stopped.find((result) => result.status === 'rejected');
  }

  /** A driver that breaks at its start takes its own port down, and no other. */
  async #open(section: SitePort, saved: ReadonlyMap<string, string>): Promise<RunningPort> {
    try {
      return await section.driver.start(this.#contextOf(section, saved));
    } catch (error) {
      const reason = {
        zh: `没有启动（${String(error)}）。请检查现场文件里的这个端口，改好后重启网关。`,
        en: `It did not start (${String(error)}). Check this port in the site file, then start the gateway again.`,
      };
      this.#options.troubles.add(`port ${section.id}`, reason.zh, reason.en, error);
      return deadPort(reason);
    }
  }

  #contextOf({ id, settings, devices }: SitePort, saved: ReadonlyMap<string, string>) {
    const { site, clock, log, pipeline, snapshots, troubles } = this.#options;
    return {
      id,
      port: settings,
      devices,
      folder: dirname(site().file),
      clock,
      log: log.child({ port: id }),
      egress: { resolve: (host: string) => siteEgress(site().subnets).resolve(host) },
      emit: (frames, keep = []) => pipeline.emit(frames, underPort(id, keep)),
      kept: keptBy(id, saved),
      ...(snapshots && { snapshot: (picture) => snapshots.offer(picture) }),
      report: ({ reason }: PortState) => {
        if (reason) troubles.add(`port ${id}`, reason.zh, reason.en);
        else troubles.over(`port ${id}`);
      },
    } satisfies Parameters<SitePort['driver']['start']>[0];
  }
}

function deadPort(reason: { zh: string; en: string }): RunningPort {
  return { stop: () => Promise.resolve(), state: () => ({ wire: 'down', reason, devices: {} }), counters: () => ({}) };
}
