import { randomUUID } from 'node:crypto';
import { ActArguments } from '@yihu/device-profiles/vocabulary/act.ts';
import { protocolOf } from '@yihu/device-profiles/library/protocols.ts';
import type { Place } from '@yihu/device-profiles/vocabulary/place.ts';
import { LocalScanRequest } from '@yihu/device-profiles/vocabulary/local.ts';
import { levelOf } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { z } from 'zod';
import { type AlarmTestDesk, type AlarmTestStep, testAlarm } from './commission/alarm-test.ts';
import { type Diagnosis, type Evidence, diagnose } from './commission/diagnose.ts';
import { withoutComments, withoutSecrets } from './commission/handover.ts';
import { lineWires } from './commission/line-questions.ts';
import { agreeSteps, orderSteps } from './commission/order-steps.ts';
import type { ConfiguredDevice } from './config.ts';
import { scanSteps } from './local/scan-steps.ts';
import type { ScanAsked, Scans } from './local/scans.ts';
import type { Parts } from './main.ts';
import type { SiteDoor } from './open-changes.ts';
import type { Standing } from './slots.ts';

const Shape = z.strictObject({
  baud: z.number().int().min(50).max(4_000_000),
  parity: z.enum(['none', 'even', 'odd']),
  stopBits: z.literal([1, 2]),
});

/** What can be asked of a running gateway by whoever owns its machine; each answer is a row of documents, as they come. */
export const serviceAsks = {
  /** `all`: those that speak as well. */
  doctor: z.strictObject({ device: z.string().max(64).optional(), all: z.boolean().optional() }),
  'alarm-test': z.strictObject({
    device: z.string().max(64),
    waitMs: z.number().int().min(1).max(600_000),
    answerMs: z.number().int().min(0).max(600_000).default(0),
  }),
  write: z.strictObject({
    device: z.string().max(64),
    command: z.string().max(64),
    args: ActArguments,
    by: z.string().min(1).max(120),
  }),
  /** What stands now, of one device with its parts or of all. */
  alarms: z.strictObject({ device: z.string().max(64).optional() }),
  /** The site that is in force, without secrets and comments. */
  site: z.strictObject({}),
  /** Devices on a line of the gateway's own, event by event; its polls pause meanwhile. */
  scan: LocalScanRequest.extend({
    wires: z.array(z.enum(lineWires)).max(lineWires.length).optional(),
    shapes: z.array(Shape).max(64).optional(),
    modbusMs: z.number().int().min(20).max(5_000).optional(),
    isThorough: z.boolean().optional(),
  }),
  agree: z.strictObject({ id: z.string().min(1).max(200), by: z.string().min(1).max(120) }),
  /** What another site file would change; nothing happens. */
  plan: z.strictObject({ text: z.string() }),
  change: z.strictObject({
    text: z.string(),
    by: z.string().min(1).max(120),
    mayBeSilent: z.union([z.array(z.string()).max(20_000), z.literal('all')]).optional(),
    withinMs: z.number().int().positive().optional(),
  }),
  'change-state': z.strictObject({}),
  undo: z.strictObject({}),
} as const;
export type ServiceAsk = keyof typeof serviceAsks;
type Asked<A extends ServiceAsk> = z.output<(typeof serviceAsks)[A]>;

export interface Examined {
  readonly evidence: Evidence;
  readonly diagnosis: Diagnosis;
}

/** A sentence instead of an answer: nothing of that name is there. */
export interface NotThere {
  readonly error: { readonly zh: string; readonly en: string };
}

export interface Service {
  /** Parses what was asked and answers. */
  answer(ask: ServiceAsk, body: unknown, signal: AbortSignal): AsyncIterable<unknown>;
}

export function serviceOf(parts: Parts, door: SiteDoor, scans: Scans): Service {
  return {
    answer(ask, body, signal) {
      switch (ask) {
        case 'doctor':
          return examine(parts, serviceAsks.doctor.parse(body));
        case 'alarm-test':
          return alarmTest(parts, serviceAsks['alarm-test'].parse(body), signal);
        case 'write': {
          const order = serviceAsks.write.parse(body);
          return orderSteps(parts.acting.acts, parts.clock, { id: `service:${randomUUID()}`, ...order }, signal);
        }
        case 'scan':
          return scanSteps(scans, serviceAsks.scan.parse(body) as ScanAsked, signal);
        case 'agree': {
          const { id, by } = serviceAsks.agree.parse(body);
          return agreeSteps(parts.acting.acts, parts.clock, id, by, signal);
        }
        case 'alarms':
          return one(alarmsOf(parts, serviceAsks.alarms.parse(body)));
        case 'site':
          return one({ text: withoutComments(withoutSecrets(parts.site().text)) });
        case 'plan':
          return one(door.planChange(serviceAsks.plan.parse(body)));
        case 'change':
          return one(door.submitChange(serviceAsks.change.parse(body)));
        case 'change-state':
          return one({ change: door.changeState() });
        case 'undo':
          return one({ undone: door.undoChange() });
      }
    },
  };
}

/** An answer of one document. */
async function* one<T>(document: T | Promise<T>): AsyncGenerator<T> {
  yield await document;
}

/** One device, or all that do not speak. */
// oxlint-disable-next-line require-await -- an answer is a row of documents, whether it has to be waited for or not
async function* examine(parts: Parts, { device: wanted, all }: Asked<'doctor'>): AsyncGenerator<Examined | NotThere> {
  const { devices } = parts.site();
  const chosen = wanted === undefined ? devices : devices.filter(({ id }) => id === wanted);
  if (chosen.length === 0) return yield notThere(parts, wanted ?? '');
  for (const device of chosen) {
    const evidence = evidenceOf(parts, device);
    const diagnosis = diagnose(evidence);
    if (wanted !== undefined || all === true || diagnosis.cause !== 'speaks') yield { evidence, diagnosis };
  }
}

function notThere({ site }: Parts, wanted: string): NotThere {
  const { devices } = site();
  const known = devices.slice(0, 12).map(({ id }) => id);
  return {
    error: {
      zh: `现场文件里没有设备 ${wanted}。有：${known.join('、')}${devices.length > known.length ? ' …' : ''}`,
      en: `The site file has no device ${wanted}. It has: ${known.join(', ')}${devices.length > known.length ? ' …' : ''}`,
    },
  };
}

/** An alarm that stands, with where its device is. */
export interface StandingAlarm extends Standing {
  readonly deviceName: Text;
  readonly place: Place;
}

/** The gravest first. */
function alarmsOf(parts: Parts, { device: wanted }: Asked<'alarms'>): { readonly alarms: StandingAlarm[] } | NotThere {
  const devices = new Map(parts.site().devices.map((device) => [device.id, device]));
  const standing = parts.pipeline.standing();
  const isOf = ({ device, part }: Standing) => device === wanted || part?.parent === wanted;
  if (wanted !== undefined && !devices.has(wanted) && !standing.some(isOf)) return notThere(parts, wanted);
  const alarms = standing
    .filter((each) => wanted === undefined || isOf(each))
    .map((each) => {
      const device = devices.get(each.part?.parent ?? each.device);
      const deviceName = each.part?.name ?? device?.name ?? { zh: each.device };
      return { ...each, deviceName, place: device?.place ?? {} };
    })
    .toSorted((a, b) => levelOf(a.severity) - levelOf(b.severity));
  return { alarms };
}

/** What is known of one device right now, for `diagnose`. */
export function evidenceOf(parts: Parts, { id, port: portId, profile, address }: ConfiguredDevice): Evidence {
  const own = parts.ports.all().get(portId);
  const port = own?.port.state() ?? { wire: 'down' as const, devices: {} };
  const state = port.devices[id];
  return {
    device: id,
    driver: own?.driver ?? '',
    isPolled: protocolOf(profile).isPolled,
    port,
    heardAt: state?.heardAt ?? null,
    failures: state?.failures ?? 0,
    fault: state?.fault,
    breaker: state?.breaker,
    availability: parts.pipeline.device(id)?.saved.availability ?? 'unknown',
    exchanges: own?.port.exchanges?.(id) ?? [],
    names: wordsIn(address),
    now: parts.clock.now(),
  };
}

/** Secrets and numbers that stand everywhere are no names. */
function wordsIn(address: unknown): string[] {
  const entries = typeof address === 'object' && address !== null ? Object.entries(address) : [];
  return entries.flatMap(([key, value]) => (typeof value === 'string' && key !== 'secret' && value.length >= 3 ? [value] : []));
}

async function* alarmTest(
  parts: Parts,
  { device: wanted, waitMs, answerMs }: Asked<'alarm-test'>,
  signal: AbortSignal,
): AsyncGenerator<AlarmTestStep | NotThere> {
  const device = parts.site().devices.find(({ id }) => id === wanted);
  if (device === undefined) return yield notThere(parts, wanted);
  yield* testAlarm(deskOf(parts), { device: { id: device.id, profile: device.profile.id }, waitMs, answerMs, signal });
}

/** For a test alarm from here or from the gateway's own page. */
export function deskOf({ clock, pipeline, log, site, uplink }: Parts): AlarmTestDesk {
  return {
    clock,
    stamp: () => clock.stamp(),
    record: (records) => pipeline.record(records, []),
    stats: () => log.stats(),
    witness: (listener) => uplink?.followWitness(listener) ?? (() => undefined),
    uplink: () => {
      if (!site().uplink) return null;
      const state = uplink?.uplink?.state();
      if (state === undefined) return { wire: 'unclaimed', reason: uplink?.problem ?? unclaimed };
      return { wire: state.wire, reason: state.wire === 'connected' ? nothing : state.reason };
    },
  };
}

const nothing = { zh: '', en: '' };
const unclaimed = { zh: '网关还没有认领。', en: 'The gateway is not claimed yet.' };
