/** Devices that announce themselves on MQTT, by the shapes of their topics. Pure; nothing that is published makes this throw. */

/** Somebody on a broker: what it is called there, what it is, and which topics of it were heard. */
export interface Publisher {
  readonly family: 'zigbee2mqtt' | 'tasmota' | 'shelly' | 'chirpstack' | 'frigate' | 'home-assistant';
  /** Unique within its family: a name, a MAC address, a DevEUI. */
  readonly id: string;
  readonly name?: string;
  /** What it calls its model. */
  readonly model?: string;
  /** Another publisher stands between it and the broker; it is not one itself. */
  readonly isBridge?: boolean;
}

/** What one message says about who is there; a bridge tells of all its devices at once. */
export function publishersIn(topic: string, payload: Uint8Array): Publisher[] {
  const levels = topic.split('/');
  for (const family of families) {
    const found = family(levels, payload);
    if (found.length > 0) return found;
  }
  return [];
}

type Family = (levels: readonly string[], payload: Uint8Array) => Publisher[];

const families: readonly Family[] = [zigbee, chirpstack, tasmota, shelly, frigate, homeAssistant];

const mostJson = 1_048_576;

function json(payload: Uint8Array): unknown {
  if (payload.length > mostJson) return undefined;
  try {
    return JSON.parse(Buffer.from(payload).toString('utf8')) as unknown;
  } catch {
    // Many publish plain words.
    return undefined;
  }
}

function field(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? (at as Record<string, unknown>)[key] : undefined,
    value,
  );
}

/** A short printable text: names go to a terminal and into a file. */
function text(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const shown = value.replaceAll(/\p{C}/gu, '').trim().slice(0, 64);
  return shown === '' ? undefined : shown;
}

function named(name: string | undefined, model: string | undefined): { name?: string; model?: string } {
  return { ...(name !== undefined && { name }), ...(model !== undefined && { model }) };
}

/** `zigbee2mqtt/bridge/devices` (kept by the broker) lists everybody; `zigbee2mqtt/<friendly name>` is one of them. */
function zigbee(levels: readonly string[], payload: Uint8Array): Publisher[] {
  const [base = '', second = '', third] = levels;
  if (!base.startsWith('zigbee2mqtt')) return [];
  if (second === 'bridge') return third === 'devices' ? zigbeeList(json(payload)) : [];
  const isState = levels.length === 2 && typeof json(payload) === 'object';
  return isState && text(second) === second ? [{ family: 'zigbee2mqtt', id: second, name: second }] : [];
}

function zigbeeList(list: unknown): Publisher[] {
  if (!Array.isArray(list)) return [];
  return list.slice(0, 500).flatMap((each): Publisher[] => {
    const name = text(field(each, 'friendly_name'));
    if (name === undefined || field(each, 'type') === 'Coordinator') return [];
    const model = text(field(each, 'definition', 'model')) ?? text(field(each, 'model_id'));
    return [{ family: 'zigbee2mqtt', id: name, ...named(name, model) }];
  });
}

/** `application/<id>/device/<DevEUI>/event/up` (ChirpStack 4). */
function chirpstack(levels: readonly string[], payload: Uint8Array): Publisher[] {
  const [application, , device, devEui = '', event] = levels;
  if (application !== 'application' || device !== 'device' || event !== 'event' || !/^[0-9a-f]{16}$/.test(devEui)) return [];
  const said = json(payload);
  const model = text(field(said, 'deviceInfo', 'deviceProfileName'));
  return [{ family: 'chirpstack', id: devEui, ...named(text(field(said, 'deviceInfo', 'deviceName')), model) }];
}

/** `tasmota/discovery/<MAC>/config` (kept), `tele/<topic>/LWT|STATE|SENSOR`. */
function tasmota(levels: readonly string[], payload: Uint8Array): Publisher[] {
  const [first, second = '', third = '', fourth] = levels;
  if (first === 'tasmota' && second === 'discovery' && fourth === 'config') {
    const said = json(payload);
    const topic = text(field(said, 't'));
    return topic === undefined
      ? []
      : [{ family: 'tasmota', id: topic, ...named(text(field(said, 'dn')), text(field(said, 'md'))) }];
  }
  const isTelemetry = first === 'tele' && levels.length === 3 && /^(LWT|STATE|SENSOR|INFO1)$/.test(third);
  return isTelemetry && text(second) === second ? [{ family: 'tasmota', id: second }] : [];
}

/** First generation: `shellies/announce`, `shellies/<id>/…`. From the second on: `<id>/online`, `<id>/events/rpc`, `<id>/status/…`. */
function shelly(levels: readonly string[], payload: Uint8Array): Publisher[] {
  const [first = '', second = '', third] = levels;
  if (first === 'shellies') {
    if (second !== 'announce') return text(second) === second && third !== undefined ? [shellyOf(second)] : [];
    const said = json(payload);
    const id = text(field(said, 'id'));
    return id === undefined ? [] : [{ ...shellyOf(id), ...named(undefined, text(field(said, 'model'))) }];
  }
  const isSecond = second === 'online' || (second === 'events' && third === 'rpc') || second === 'status';
  return isSecond && /^shelly[a-z0-9]+-[0-9a-f]{6,12}$/i.test(first) ? [shellyOf(first)] : [];
}

function shellyOf(id: string): Publisher {
  const model = /^(shelly[a-z0-9]+)-/i.exec(id)?.[1];
  return { family: 'shelly', id, ...named(undefined, model) };
}

function frigate(levels: readonly string[]): Publisher[] {
  return levels[0] === 'frigate' && /^(available|events|reviews|stats)$/.test(levels[1] ?? '')
    ? [{ family: 'frigate', id: 'frigate', isBridge: true }]
    : [];
}

/** `homeassistant/<component>/[<node>/]<object>/config`: whoever announces itself to Home Assistant says what it is. */
function homeAssistant(levels: readonly string[], payload: Uint8Array): Publisher[] {
  if (levels[0] !== 'homeassistant' || levels.at(-1) !== 'config') return [];
  const said = json(payload);
  const device = field(said, 'device') ?? field(said, 'dev');
  const identifiers = field(device, 'identifiers') ?? field(device, 'ids');
  const id = text(Array.isArray(identifiers) ? identifiers[0] : identifiers);
  if (id === undefined) return [];
  return [
    { family: 'home-assistant', id, ...named(text(field(device, 'name')), text(field(device, 'model') ?? field(device, 'mdl'))) },
  ];
}
