import type { LocalSurveyFound } from '@yihu/device-profiles/vocabulary/local-survey.ts';
import { profilesOfModel } from '@yihu/device-profiles/library/models.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { FoundCamera } from '../collect/onvif/discovery.ts';
import type { FoundPublisher } from '../commission/scan-mqtt.ts';
import type { TcpScanEvent } from '../commission/scan-tcp.ts';
import { idOf } from '../commission/site-lines.ts';
import type { Site } from '../config.ts';

type Known = Pick<Site, 'ports' | 'devices'>;

/** A word of a port's settings or of a device's address, which are the driver's own. */
function word(section: unknown, name: string): unknown {
  return typeof section === 'object' && section !== null ? (section as Readonly<Record<string, unknown>>)[name] : undefined;
}

/** Brokers that the site connects to. */
export function brokersOf({ ports }: Pick<Site, 'ports'>): string[] {
  return ports.flatMap(({ driver, settings }) => {
    const url = driver.name === 'mqtt' ? word(settings, 'connect') : undefined;
    return typeof url === 'string' ? [url] : [];
  });
}

const spoken = {
  'modbus-tcp': { zh: 'Modbus TCP', en: 'Modbus TCP' },
  'rtu-over-tcp': { zh: '串口服务器（RTU）', en: 'Serial server (RTU)' },
  none: { zh: '端口开着，不说 Modbus', en: 'Open, speaks no Modbus' },
} as const;

export function foundAt(
  { host, port, speaks, units }: Extract<TcpScanEvent, { kind: 'found' }>,
  { ports }: Known,
): LocalSurveyFound {
  const own = ports.find(({ settings }) => word(settings, 'host') === host && word(settings, 'port') === port);
  const { zh, en } = spoken[speaks ?? 'none'];
  const list = units.join(' ');
  const unit = units[0] ?? 1;
  const newPort = own || speaks === null ? null : ({ driver: speaks === 'modbus-tcp' ? 'modbus' : 'line', host, port } as const);
  return {
    name: `${host}:${port}`,
    what: units.length === 0 ? { zh, en } : { zh: `${zh} · 站号 ${list} 应答`, en: `${en} · unit ${list} answers` },
    profiles: [],
    known: own ? { port: own.id } : null,
    add: speaks === null ? null : { port: own?.id ?? idOf(`p-${host}-${port}`), newPort, address: { unit }, profile: '' },
  };
}

export function foundPublisher(
  { family, id, name, model, profiles }: FoundPublisher,
  url: string,
  { ports, devices }: Known,
): LocalSurveyFound {
  const own = ports.find(({ driver, settings }) => driver.name === 'mqtt' && word(settings, 'connect') === url);
  const device = devices.find(({ port, address }) => port === own?.id && word(address, 'identity') === id);
  const words = [family === 'profile' ? 'MQTT' : family, name === id ? undefined : name, model]
    .filter(Boolean)
    .join(' · ')
    .slice(0, 110);
  return {
    name: id,
    what: { zh: words, en: words },
    profiles: profiles.slice(0, 5),
    known: device ? { device: device.id } : null,
    add: own ? { port: own.id, newPort: null, address: { identity: id }, profile: profiles[0] ?? '' } : null,
  };
}

const interview = {
  joined: { zh: '加入了', en: 'joined' },
  started: { zh: '正在询问它是什么', en: 'being asked what it is' },
  successful: { zh: '认出了', en: 'known' },
  failed: { zh: '没有问清楚，请靠近网桥重新配对', en: 'not understood; pair it again nearer to the bridge' },
} as const;

/** One that joins a Zigbee network, as far as its interview is. */
export function foundJoining(
  address: string,
  { state, model }: { readonly state: keyof typeof interview; readonly model: string | null },
  url: string,
  known: Known,
  models: readonly Profile[],
): LocalSurveyFound {
  const profiles = model === null ? [] : profilesOfModel(models, model).map(({ id }) => id);
  const found = foundPublisher({ family: 'zigbee2mqtt', id: address, profiles, ...(model !== null && { model }) }, url, known);
  const { zh, en } = interview[state];
  const shown = model === null ? '' : ` · ${model.slice(0, 64)}`;
  return { ...found, what: { zh: `${zh}${shown}`, en: `${en}${shown}` } };
}

export function foundCamera({ host, port, path, name, hardware }: FoundCamera, { ports, devices }: Known): LocalSurveyFound {
  const device = devices.find(({ address }) => word(address, 'host') === host);
  const own = ports.find(({ driver }) => driver.name === 'onvif');
  const words =
    [name, hardware]
      .filter((each) => each !== '')
      .join(' · ')
      .slice(0, 110) || 'ONVIF';
  return {
    name: `${host}:${port}`,
    what: { zh: words, en: words },
    profiles: [],
    known: device ? { device: device.id } : null,
    add: own ? { port: own.id, newPort: null, address: { host, port, path }, profile: 'generic.onvif-camera' } : null,
  };
}
