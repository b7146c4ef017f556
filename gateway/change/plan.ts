import { isDeepStrictEqual } from 'node:util';
import type { LineBudget } from '../collect/driver.ts';
import type { ConfiguredDevice, Site, SitePort } from '../config.ts';

/** 差异: what a new site file changes, port by port. Nothing of it has happened yet. */
export interface ChangePlan {
  readonly schema: 'yihu.change-plan/1';
  /** Nothing at all is different in what the gateway does. */
  readonly isEmpty: boolean;
  readonly ports: readonly PortPlan[];
  /** What else is different, by its section of the site file: `linkage`, `interlocks`, `network`, `snapshots`, `gateway`. */
  readonly sections: readonly string[];
  /** Sections that only a restart of the gateway can change; a change that has any is refused. */
  readonly needRestart: readonly string[];
}

export interface PortPlan {
  readonly id: string;
  readonly driver: string;
  /** `changed`: it is stopped and started. `untouched`: it goes on polling, also where rules or names of its devices are new. */
  readonly change: 'added' | 'removed' | 'changed' | 'untouched';
  readonly devices: {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly changed: readonly string[];
    readonly untouched: number;
  };
  /** 线路时间预算 before and after; null where the port was not or will not be, or its wire carries whatever is asked. */
  readonly budget: { readonly before: LineShare | null; readonly after: LineShare | null };
}

/** How much of a line's time its polls take, in per cent; `likely` with the slaves' usual thinking. */
export interface LineShare {
  readonly percent: number;
  readonly likelyPercent: number;
}

export function planOf(before: Site, after: Site): ChangePlan {
  const ports = portPlans(before, after);
  const sections = changedOf(before, after, liveSections);
  const needRestart = changedOf(before, after, fixedSections);
  const isEmpty = sections.length + needRestart.length === 0 && ports.every(isUntouched);
  return { schema: 'yihu.change-plan/1', isEmpty, ports, sections, needRestart };
}

/** Ports of the site to be stopped or started. */
export function touchedPorts({ ports }: ChangePlan, ...changes: PortPlan['change'][]): Set<string> {
  return new Set(ports.filter(({ change }) => changes.includes(change)).map(({ id }) => id));
}

/** Whether the path treats a device as before: its place counts, because its parts are there. */
export function isSameOnPath(one: ConfiguredDevice, other: ConfiguredDevice): boolean {
  const of = ({ profile, parts, partOverrides, place, overrides }: ConfiguredDevice) => {
    return [profile, parts, partOverrides, place, overrides];
  };
  return one === other || isDeepStrictEqual(of(one), of(other));
}

function lineShare(budget: LineBudget | undefined): LineShare | null {
  if (budget === undefined) return null;
  return { percent: Math.round(budget.msPerSecond / 10), likelyPercent: Math.round(budget.likelyMsPerSecond / 10) };
}

type Sections = Readonly<Record<string, (site: Site) => unknown>>;

const liveSections: Sections = {
  gateway: ({ gateway }) => gateway.name,
  network: ({ subnets }) => subnets,
  snapshots: ({ snapshots }) => snapshots.cameras,
  linkage: ({ linkage, maintained }) => [linkage, maintained],
  interlocks: ({ interlocks }) => interlocks,
};

const fixedSections: Sections = {
  'gateway.id': ({ gateway }) => gateway.id,
  data: ({ data }) => data,
  listen: ({ listen }) => listen,
  uplink: ({ uplink }) => uplink,
  privacy: ({ privacy }) => privacy,
  store: ({ storeBytes }) => storeBytes,
  history: ({ history }) => history,
  'snapshots.keepDays': ({ snapshots }) => snapshots.keepMs,
  'snapshots.maxMegabytes': ({ snapshots }) => snapshots.maxBytes,
};

function changedOf(before: Site, after: Site, sections: Sections): string[] {
  return Object.entries(sections).flatMap(([name, of]) => (isDeepStrictEqual(of(before), of(after)) ? [] : [name]));
}

function isUntouched({ change, devices }: PortPlan): boolean {
  return change === 'untouched' && devices.changed.length === 0;
}

function portPlans(before: Site, after: Site): PortPlan[] {
  const old = new Map(before.ports.map((port) => [port.id, port]));
  const now = new Map(after.ports.map((port) => [port.id, port]));
  const ids = [...new Set([...old.keys(), ...now.keys()])];
  const devices = { before: byPort(before), after: byPort(after) };
  return ids.map((id) => {
    const [from, to] = [old.get(id), now.get(id)];
    return {
      id,
      driver: (to ?? from)?.driver.name ?? '',
      change: portChange(from, to),
      devices: deviceDiff(devices.before.get(id) ?? [], devices.after.get(id) ?? []),
      budget: { before: shareOf(from), after: shareOf(to) },
    };
  });
}

function portChange(from: SitePort | undefined, to: SitePort | undefined): PortPlan['change'] {
  if (!from) return 'added';
  if (!to) return 'removed';
  return isDeepStrictEqual(wireOf(from), wireOf(to)) ? 'untouched' : 'changed';
}

/** What a driver is given. */
function wireOf({ driver, settings, devices }: SitePort) {
  const own = new Map(devices.map(({ id, profile, address }) => [id, { profile, address }]));
  return { driver: driver.name, settings, own };
}

function byPort({ devices }: Site): Map<string, ConfiguredDevice[]> {
  return Map.groupBy(devices, ({ port }) => port);
}

function deviceDiff(before: readonly ConfiguredDevice[], after: readonly ConfiguredDevice[]): PortPlan['devices'] {
  const old = new Map(before.map((device) => [device.id, device]));
  const kept = after.filter(({ id }) => old.has(id));
  const changed = kept.filter((device) => !isDeepStrictEqual(device, old.get(device.id)));
  const ids = (devices: readonly ConfiguredDevice[]) => devices.map(({ id }) => id);
  const now = new Set(ids(after));
  return {
    added: ids(after.filter(({ id }) => !old.has(id))),
    removed: ids(before.filter(({ id }) => !now.has(id))),
    changed: ids(changed),
    untouched: kept.length - changed.length,
  };
}

function shareOf(port: SitePort | undefined): LineShare | null {
  return port ? lineShare(port.driver.budget?.(port.settings, port.devices)) : null;
}
