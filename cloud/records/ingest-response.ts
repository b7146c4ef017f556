import { type Kysely, sql } from 'kysely';
import type { StreamDraft } from './stream.ts';
import { selectDevices } from './device-rows.ts';
import { selectGateways } from './gateway-rows.ts';
import type { IngestGateway, Of } from './ingest-accepted.ts';
import { sayActs } from './ingest-acts.ts';
import type { KnownDevice, KnownDevices } from './ingest-devices.ts';
import { derivedId } from './derived-id.ts';
import { ResponseWork } from './response-work.ts';
import { readStanding, type Standing } from './standing.ts';
import { RootCause } from './root-cause.ts';
import type { Rules } from './rules.ts';
import { emit } from './stream.ts';
import type { Tables } from './tables.ts';

/** Device events put on the stream by one commit; past it the screens are told to look again. */
const deviceEvents = 500;

export interface Heard {
  readonly devices: KnownDevices;
  readonly alarms: readonly Of<'alarm'>[];
  readonly acts: readonly Of<'act'>[];
  /** Devices whose availability changed. */
  readonly changed: readonly KnownDevice[];
  /** A new inventory came. */
  readonly inventory: boolean;
  readonly receivedAt: number;
}

/** Transitions become alarms, alarms incidents, and the screens hear of it. */
export async function respond(trx: Kysely<Tables>, rules: Rules, gateway: IngestGateway, heard: Heard): Promise<void> {
  const moving = heard.alarms.filter(({ record }) => record.transitions.length > 0);
  const caused = heard.acts.filter(({ record }) => record.cause && record.state !== 'accepted');
  if (moving.length + caused.length === 0) return emit(trx, await deviceDrafts(trx, rules, gateway, heard, heard.changed));
  const work = new ResponseWork(trx, rules, heard.receivedAt);
  const devices = [...new Set(moving.map(({ record }) => record.device))];
  await work.loadOpen(gateway.id, devices);
  const standing = await readStanding(trx, gateway.id, devices, heard.receivedAt);
  const root = await RootCause.load(trx, rules, gateway.id, heard.receivedAt);
  for (const accepted of moving) await applyRecord(work, rules, gateway, accepted, heard, { standing, root });
  await sayActs(trx, work, gateway.id, caused, heard.devices);
  await work.flush();
  const unknown = await root.write();
  const told = new Map(
    [...heard.changed, ...touchedDevices(moving, heard.devices), ...unknown].map((device) => [device.key, device]),
  );
  await emit(trx, await deviceDrafts(trx, rules, gateway, heard, [...told.values()]));
}

function touchedDevices(moving: readonly Of<'alarm'>[], devices: KnownDevices): KnownDevice[] {
  return moving.map(({ record }) => devices.get(record.device)).filter((device) => device !== undefined);
}

async function applyRecord(
  work: ResponseWork,
  rules: Rules,
  gateway: IngestGateway,
  accepted: Of<'alarm'>,
  heard: Heard,
  { standing, root }: { standing: Standing; root: RootCause },
): Promise<void> {
  const { entry, epoch, record } = accepted;
  const device = heard.devices.get(record.device);
  if (!device) throw new Error(`device ${record.device} was not registered before its alarms`);
  for (const [index, transition] of record.transitions.entries()) {
    const open =
      work.openAlarm(gateway.id, record.device, transition.alarm) ?? work.lastAlarm(gateway.id, record.device, transition.alarm);
    const where = { gateway: gateway.id, device: record.device, area: device.area, hazard: transition.hazard };
    const causes = root.causes(record.device, transition);
    const before = open && causes.reduce((alarm, cause) => rules.alarm.suppress(alarm, cause).alarm, open.alarm);
    const decided = rules.alarm.applyTransition(before, transition, {
      id: derivedId('alm', gateway.id, epoch, entry.seq, index),
      gateway: gateway.id,
      device: record.device,
      deviceName: device.name,
      area: device.area,
      receivedAt: heard.receivedAt,
      newEpoch: open !== null && open.epoch !== epoch,
      suppressedBy: [
        ...standing.windows.filter((window) => rules.alarm.covers(window, where)).map(rules.alarm.causeOf),
        ...causes,
      ],
      outOfService: standing.outOfService(record.device, transition.alarm),
    });
    if (!decided.alarm || decided.effects.length === 0) continue;
    const childCount = transition.kind === 'raised' ? root.childCount(record.device, transition) : 0;
    const scene = { place: device.placeText || gateway.areaName || device.area, childCount };
    const alarm = childCount > 0 ? { ...decided.alarm, children: childCount } : decided.alarm;
    await work.follow(alarm, epoch, decided.effects, { edgeAt: transition.at, scene });
    await root.after(work, alarm);
  }
}

async function deviceDrafts(
  trx: Kysely<Tables>,
  rules: Rules,
  gateway: IngestGateway,
  heard: Heard,
  devices: readonly Pick<KnownDevice, 'key'>[],
): Promise<StreamDraft[]> {
  const at = heard.receivedAt;
  if (heard.inventory || devices.length > deviceEvents) {
    const views = await selectGateways(trx, sql`g.id = ${gateway.id}`);
    const drafts = views.map((view): StreamDraft => ({ area: gateway.area, event: { type: 'gateway', at, gateway: view } }));
    return [...drafts, { area: gateway.area, event: { type: 'resync', at } }];
  }
  if (devices.length === 0) return [];
  const summaries = await selectDevices(trx, rules.profiles, sql`d.key = any(${devices.map((device) => device.key)})`);
  return summaries.map((device) => ({ area: device.area, event: { type: 'device', at, device } }));
}
