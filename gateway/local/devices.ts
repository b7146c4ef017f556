import type {
  LocalAlarmTest,
  LocalDevice,
  LocalDeviceRow,
  LocalDevices,
  LocalDiagnosis,
  LocalPoint,
  LocalValue,
} from '@yihu/device-profiles/vocabulary/local.ts';
import type { Place } from '@yihu/device-profiles/vocabulary/place.ts';
import type { Point } from '@yihu/device-profiles/vocabulary/point.ts';
import type { Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { searchText } from '@yihu/device-profiles/library/search-text.ts';
import { units } from '@yihu/device-profiles/vocabulary/units.ts';
import { diagnose } from '../commission/diagnose.ts';
import type { DeviceState } from '../collect/driver.ts';
import type { ConfiguredDevice } from '../config.ts';
import { limits } from '../limits.ts';
import type { Parts } from '../main.ts';
import { evidenceOf } from '../service.ts';
import type { DeviceNow } from '../slots.ts';
import type { LocalOrders } from './orders.ts';
import { addressText, sourceText } from './source.ts';

const headlinePoints = 2;

/** The devices of the site file in its order, found by id, name, place, profile or address, and by pinyin and its initials. */
export function rowsOf(parts: Parts, { q, port }: { readonly q: string; readonly port: string }): LocalDevices {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (device: ConfiguredDevice) => {
    if (port !== '' && device.port !== port) return false;
    return words.every((word) => foundBy(device).includes(word));
  };
  const matching = parts.site().devices.filter(fits);
  const now = nowById(parts);
  return {
    at: parts.clock.now(),
    total: parts.site().devices.length,
    matching: matching.length,
    devices: matching.slice(0, limits.localRows).map((device) => rowOf(device, now.get(device.id), stateOf(parts, device))),
  };
}

/** Spelt once for each device as it is configured: the page asks every two seconds. */
const spelt = new WeakMap<ConfiguredDevice, string>();

function foundBy(device: ConfiguredDevice): string {
  const text =
    spelt.get(device) ??
    `${wordsOf(device)}\n${searchText([device.name.zh, placeText(device.place)?.zh, device.profile.name.zh])}`;
  spelt.set(device, text);
  return text;
}

function wordsOf({ id, name, place, profile, address }: ConfiguredDevice): string {
  const where = placeText(place);
  const words = [id, name.zh, name.en, where?.zh, where?.en, profile.id, profile.model, profile.maker.zh, addressText(address)];
  return words.join(' ').toLowerCase();
}

/** One device with everything an installer wants of it; null where the site has none of that name. */
export function deviceOf(
  parts: Parts,
  id: string,
  { alarmTest, orders }: { readonly alarmTest: LocalAlarmTest | null; readonly orders: LocalOrders },
): LocalDevice | null {
  const device = parts.site().devices.find((each) => each.id === id);
  if (!device) return null;
  const { profile } = device;
  const now = nowById(parts).get(id);
  const state = stateOf(parts, device);
  const port = parts.ports.all().get(device.port);
  const wire = port?.port.state();
  return {
    ...rowOf(device, now, state),
    at: parts.clock.now(),
    profileName: profile.name,
    maker: profile.maker,
    model: profile.model,
    driver: port?.driver ?? '',
    address: addressText(device.address),
    fault: state?.fault ?? null,
    breaker: state?.breaker ?? null,
    wire: wire?.wire ?? 'down',
    wireReason: wire?.reason ?? null,
    diagnosis: diagnosisOf(parts, device),
    alarmTest,
    commands: orders.commands(id),
    orders: orders.of(id),
    points: pointsOf(device, now?.readings ?? []),
    exchanges: [...(port?.port.exchanges?.(id) ?? [])].reverse(),
  };
}

/** By the same evidence as `yihu-gateway doctor`. */
function diagnosisOf(parts: Parts, device: ConfiguredDevice): LocalDiagnosis {
  const { cause, zh, en, next } = diagnose(evidenceOf(parts, device));
  return { cause, text: { zh, en }, next };
}

function nowById({ pipeline }: Parts): Map<string, DeviceNow> {
  return new Map(pipeline.snapshot().map((now) => [now.id, now]));
}

function stateOf({ ports }: Parts, { id, port }: ConfiguredDevice): DeviceState | undefined {
  return ports.all().get(port)?.port.state().devices[id];
}

function rowOf(device: ConfiguredDevice, now: DeviceNow | undefined, state: DeviceState | undefined): LocalDeviceRow {
  const { id, name, place, port, profile } = device;
  const readings = new Map(now?.readings.map((reading) => [reading.point, reading]));
  const shown = Object.entries(profile.points).filter(([point]) => readings.has(point));
  const heard = Math.max(state?.heardAt ?? 0, ...(now?.readings.map(({ at }) => at) ?? []));
  return {
    id,
    name,
    place: placeText(place),
    port,
    profile: profile.id,
    category: profile.category,
    availability: now?.availability ?? 'unknown',
    heardAt: heard === 0 ? null : heard,
    failures: state?.failures ?? 0,
    headline: shown.slice(0, headlinePoints).map(([point, spec]) => valueOf(point, spec, readings.get(point))),
    alarms: (now?.alarms ?? []).map((alarm) => {
      const rule = profile.alarms[alarm];
      const severity = device.overrides[alarm]?.severity ?? rule?.severity ?? 'warning';
      return { alarm, name: rule?.name ?? { zh: alarm }, severity };
    }),
  };
}

function valueOf(point: string, spec: Point | undefined, reading: Reading | undefined): LocalValue {
  const value = reading?.value ?? null;
  const named = Object.values(spec?.enum ?? {}).find((one) => one.value === String(value));
  return {
    point,
    name: spec?.name ?? { zh: point },
    value,
    valueName: named?.name ?? null,
    symbol: units[spec?.unit ?? '1'].symbol,
    quality: reading?.quality ?? 'bad',
  };
}

/** In the profile's order; what personal data it says is not shown here either. */
function pointsOf({ profile }: ConfiguredDevice, readings: readonly Reading[]): LocalPoint[] {
  const known = new Map(readings.map((reading) => [reading.point, reading]));
  return Object.entries(profile.points).map(([point, spec]) => {
    const reading = known.get(point);
    return {
      ...valueOf(point, spec, reading),
      reason: reading?.reason ?? null,
      at: reading?.at ?? null,
      source: sourceText(profile, point),
    };
  });
}

/** 3 栋 2 单元 502, or null where the site file says nothing. */
export function placeText({ building, unit, floor, room, note }: Place): Text | null {
  const zh = [
    building !== undefined && `${building}栋`,
    unit !== undefined && `${unit}单元`,
    room ?? (floor !== undefined && `${floor}层`),
    note,
  ];
  const en = [
    building !== undefined && `building ${building}`,
    unit !== undefined && `unit ${unit}`,
    room ?? (floor !== undefined && `floor ${floor}`),
    note,
  ];
  const joined = zh.filter(Boolean).join(' ');
  return joined === '' ? null : { zh: joined, en: en.filter(Boolean).join(', ') };
}
