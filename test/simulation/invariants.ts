import type { Entry, Lane } from '@yihu/device-profiles/vocabulary/record.ts';
import type { SimulatedCloud } from './cloud.ts';
import type { Device } from './device.ts';
import { limit, type SimulatedGateway } from './gateway.ts';
import type { Schedule } from './schedule.ts';

export interface End {
  readonly gateway: SimulatedGateway;
  readonly cloud: SimulatedCloud;
  readonly devices: readonly Device[];
  readonly schedule: Schedule;
}

/** What must hold at the end of every seed; each sentence names what was broken. */
export async function violations(end: End): Promise<string[]> {
  return [
    ...inOrderOnce(end),
    ...backlogDrained(end),
    ...nothingAckedLost(end),
    ...nothingDoubled(end),
    ...conservation(end),
    ...alarmsFollowReadings(end),
    ...effectsOnce(end),
  ];
}

const lanes: readonly Lane[] = ['alarm', 'telemetry'];

/** Records stand in the cloud once each, without a hole, in the order of the log. */
function inOrderOnce({ cloud }: End): string[] {
  return lanes.flatMap((lane) => {
    let expected = 1;
    for (const { seq, through } of cloud.records.entries[lane]) {
      if (seq !== expected) return [`${lane}: record ${seq} where ${expected} should stand`];
      expected = through + 1;
    }
    return [];
  });
}

/** Liveness: after the peace everything is delivered. */
function backlogDrained({ gateway, cloud }: End): string[] {
  return lanes.flatMap((lane) => {
    const { last } = gateway.rows.counters(lane);
    const have = cloud.records.cursor[lane];
    return have === last ? [] : [`${lane}: the log ends at ${last}, the cloud stands at ${have}`];
  });
}

interface Heard {
  readonly n: number;
  readonly t: number;
}

function heardOf(entries: readonly Entry[], device: string): Heard[] {
  return entries.flatMap(({ record }) => {
    if (record.kind !== 'readings' || record.device !== device) return [];
    const values = record.readings.map(({ point, value }) => [point, Number(value)] as const);
    const pairs: Heard[] = [];
    for (let i = 0; i + 1 < values.length; i += 2)
      pairs.push({ n: values[i]?.[1] ?? Number.NaN, t: values[i + 1]?.[1] ?? Number.NaN });
    return pairs;
  });
}

const gapsIn = (entries: readonly Entry[]) =>
  entries.reduce((sum, { record }) => sum + (record.kind === 'gap' ? record.count : 0), 0);

/** I1: what was acked is in the cloud, or inside a gap that says so. */
function nothingAckedLost({ cloud, devices }: End): string[] {
  const entries = cloud.records.entries.telemetry;
  const missing = devices.flatMap((device) => {
    const there = new Set(heardOf(entries, device.id).map(({ n }) => n));
    return [...device.acked].filter((n) => !there.has(n)).map((n) => `${device.id}/${n}`);
  });
  const gaps = gapsIn(entries);
  return missing.length > gaps
    ? [`${missing.length} acked readings are gone and only ${gaps} were said to be: ${missing.slice(0, 5).join(' ')}`]
    : [];
}

/** I2: nothing stands more often than it was sent. */
function nothingDoubled({ cloud, devices }: End): string[] {
  return devices.flatMap((device) => {
    const count = new Map<number, number>();
    for (const { n } of heardOf(cloud.records.entries.telemetry, device.id)) count.set(n, (count.get(n) ?? 0) + 1);
    return [...count]
      .filter(([n, times]) => times > (device.sent.get(n) ?? 0))
      .map(([n]) => `${device.id}/${n} stands more often than it was sent`);
  });
}

/** I7: accepted = delivered + buffered + gaps, and the cloud counts the same. */
function conservation({ gateway, cloud }: End): string[] {
  return lanes.flatMap((lane) => {
    const { last } = gateway.rows.counters(lane);
    const entries = cloud.records.entries[lane];
    const delivered = entries.filter(({ record }) => record.kind !== 'gap').length;
    const gaps = gapsIn(entries);
    return delivered + gaps === last ? [] : [`${lane}: ${last} accepted, ${delivered} delivered, ${gaps} in gaps`];
  });
}

/** I4, I5, I6: the transitions are those that the readings, in log order, give from a fresh start. */
function alarmsFollowReadings({ cloud, devices, schedule }: End): string[] {
  const { telemetry, alarm } = cloud.records.entries;
  if (gapsIn(telemetry) + gapsIn(alarm) > 0) return alternation(alarm, devices, schedule);
  return devices.flatMap((device) => {
    const expected: string[] = [];
    let active = false;
    let episode = 0;
    for (const { t } of heardOf(telemetry, device.id)) {
      if (!active && t > limit.above) {
        active = true;
        expected.push(`raised ${++episode}`);
      } else if (active && t <= limit.clear) {
        active = false;
        expected.push(`cleared ${episode}`);
      }
    }
    const found = transitionsOf(alarm, device.id);
    return found.join() === expected.join() ? [] : [`${device.id}: ${found.join(' ')} instead of ${expected.join(' ')}`];
  });
}

function transitionsOf(entries: readonly Entry[], device: string): string[] {
  return entries.flatMap(({ record }) =>
    record.kind === 'alarm' && record.device === device
      ? record.transitions.map(({ kind, episode }) => `${kind} ${episode}`)
      : [],
  );
}

/** With gaps in the readings the alarms cannot be worked out again, but raise and clear still take turns. */
function alternation(alarm: readonly Entry[], devices: readonly Device[], schedule: Schedule): string[] {
  // Only a cloud that went back to a backup may ask for alarms that the log has given up as delivered long ago.
  if (gapsIn(alarm) > 0) return schedule.faults.some((fault) => fault.do === 'restore-cloud') ? [] : ['an alarm was evicted'];
  return devices.flatMap(({ id }) => {
    const found = transitionsOf(alarm, id);
    const expected = found.map((_, i) => `${i % 2 === 0 ? 'raised' : 'cleared'} ${Math.floor(i / 2) + 1}`);
    return found.join() === expected.join() ? [] : [`${id}: ${found.join(' ')} do not take turns`];
  });
}

/** Every raise had its effect in the cloud once, every clear too. */
function effectsOnce({ cloud }: End): string[] {
  if (gapsIn(cloud.records.entries.alarm) > 0) return [];
  const all = cloud.records.entries.alarm.flatMap(({ record }) => (record.kind === 'alarm' ? record.transitions : []));
  const raised = all.filter(({ kind }) => kind === 'raised').length;
  const cleared = all.filter(({ kind }) => kind === 'cleared').length;
  const { occurrences, clears } = cloud.records;
  return raised === occurrences && cleared === clears
    ? []
    : [`${raised} raises and ${cleared} clears had ${occurrences} and ${clears} effects`];
}
