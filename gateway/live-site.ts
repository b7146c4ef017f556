import type { Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import { planOf, touchedPorts } from './change/plan.ts';
import type { Sight } from './change/verify.ts';
import type { ConfiguredDevice, Site } from './config.ts';
import { orphans } from './port-memory.ts';
import type { RunningPorts } from './running-ports.ts';
import type { SitePath } from './site-path.ts';
import type { Log } from './store/log.ts';
import type { UplinkSlot } from './uplink-slot.ts';

export interface LiveParts {
  readonly ports: RunningPorts;
  readonly path: Pick<SitePath, 'change' | 'pipeline'>;
  readonly log: Pick<Log, 'loadState' | 'stats'>;
  readonly uplink: UplinkSlot | null;
}

/** The site as the gateway runs it now, and how it becomes another one. */
export class LiveSite {
  #site: Site;
  #parts: LiveParts | null = null;
  /** Devices of which a point was read well since it was last asked to begin anew. */
  #read = new Set<string>();

  constructor(site: Site) {
    this.#site = site;
  }

  readonly site = (): Site => this.#site;

  begin(parts: LiveParts): void {
    this.#parts = parts;
  }

  heard(device: string, readings: readonly Reading[]): void {
    if (!this.#read.has(device) && readings.some(({ quality }) => quality === 'good')) this.#read.add(device);
  }

  readAnew(): void {
    this.#read = new Set();
  }

  /**
   * Only ports that differ let go of their wires; the path learns of the new devices before a port speaks of them. Ports of
   * the site before come back where the disk does not take it. @throws StoreError
   */
  async take(to: Site, leaving: readonly ConfiguredDevice[]): Promise<void> {
    const { ports, path } = this.#running();
    const from = this.#site;
    const plan = planOf(from, to);
    await ports.letGo(touchedPorts(plan, 'removed', 'changed'));
    this.#site = to;
    try {
      await path.change(to, leaving);
    } catch (error) {
      this.#site = from;
      await this.#start(from, touchedPorts(plan, 'removed', 'changed'));
      throw error;
    }
    await this.#start(to, touchedPorts(plan, 'added', 'changed'));
  }

  async forgetGone(): Promise<void> {
    const { log, path } = this.#running();
    const known = this.#site.ports.map(({ id }) => id);
    await path.pipeline.emit([], orphans(await log.loadState(), known));
  }

  async lastAlarm(): Promise<number> {
    return (await this.#running().log.stats()).lanes.alarm.last;
  }

  sight(): Sight {
    const { ports, uplink } = this.#running();
    return {
      port: (id) => ports.get(id)?.state(),
      isRead: (device) => this.#read.has(device),
      uplinkThrough: () => {
        const state = uplink?.uplink?.state();
        return state?.wire === 'connected' ? (state.cursor?.alarm ?? null) : null;
      },
    };
  }

  async #start(site: Site, ids: ReadonlySet<string>): Promise<void> {
    const { ports, log } = this.#running();
    await ports.start(
      site.ports.filter(({ id }) => ids.has(id)),
      await log.loadState(),
    );
  }

  #running(): LiveParts {
    if (!this.#parts) throw new Error('the gateway is not up yet');
    return this.#parts;
  }
}
