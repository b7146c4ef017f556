import type { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { SimulatedDevice } from '../../device.ts';
import { type FaultName, nameOf } from '../../faults.ts';
import { loginOf } from '../../login-of.ts';
import { endpointOf } from '../../place.ts';
import { eventMessage, type Said, stateMessages } from '../../said/message.ts';
import { wordAt } from '../../said/word.ts';
import type { OpenWire, SimulatedPort, SimulatedWire } from '../../wire.ts';
import { type CameraManners, SimulatedCamera } from './camera.ts';
import type { CameraNotice, Items } from './words.ts';

/** ONVIF cameras, each at its own address. */
export const wire: SimulatedWire = {
  driver: 'onvif',
  faults: () => ['silent', 'garbage', 'exception', 'truncated', 'unplugged', 'stuck', 'clock-skew'],
  open: (port) => new OnvifWire(port),
  alone: (profile, at) => (profile.transport.protocol === 'onvif' ? { port: {}, address: { ...at } } : undefined),
};

class OnvifWire implements OpenWire {
  readonly #port: SimulatedPort;
  readonly #cameras: ReadonlyMap<SimulatedDevice, SimulatedCamera>;
  /** What each property was said to be, by topic. */
  readonly #said = new Map<string, string>();
  readonly #out = new Set<SimulatedDevice>();

  constructor(port: SimulatedPort) {
    this.#port = port;
    const { clock, folder } = port;
    this.#cameras = new Map(
      port.devices.map((device) => {
        const login = loginOf(device, folder);
        return [device, new SimulatedCamera({ clock, ...endpointOf(device, {}, 80), ...(login && { login }) })];
      }),
    );
  }

  async start(): Promise<void> {
    for (const [device, camera] of this.#cameras) {
      await camera.start();
      await this.say(device);
    }
  }

  /** What changed; at first, how everything stands. */
  say(device: SimulatedDevice): Promise<void> {
    for (const said of stateMessages(device, this.#port.clock.now())) {
      const notice = noticeOf(said);
      const key = `${device.id} ${notice.topic}`;
      const text = JSON.stringify(notice.data);
      const before = this.#said.get(key);
      this.#said.set(key, text);
      if (before !== text)
        this.#cameras.get(device)?.say({ ...notice, operation: before === undefined ? 'Initialized' : 'Changed' });
    }
    return Promise.resolve();
  }

  fire(device: SimulatedDevice, type: string, data: Readonly<Record<string, Value>> = {}): Promise<void> {
    const at = this.#port.clock.now();
    this.#cameras.get(device)?.say({ ...noticeOf(eventMessage(device, type, { serial: 0, data, at })), operation: 'Changed' });
    return Promise.resolve();
  }

  failed(device: SimulatedDevice): void {
    const camera = this.#cameras.get(device);
    if (camera === undefined) return;
    const { fault } = device;
    Object.assign(camera.manners, (fault !== null && ill[nameOf(fault)]) || well, { clockOffMs: device.clockAt(0) });
    const isOut = fault === 'unplugged';
    if (isOut && !this.#out.has(device)) void camera.stop();
    if (!isOut && this.#out.has(device)) void camera.start();
    if (isOut) this.#out.add(device);
    else this.#out.delete(device);
  }

  async stop(): Promise<void> {
    const running = [...this.#cameras].filter(([device]) => !this.#out.has(device));
    await Promise.all(running.map(([, camera]) => camera.stop()));
  }
}

type Manners = Partial<CameraManners>;
const well: Manners = { create: 'ok', pull: 'ok', renew: 'ok', calls: 'ok', picture: 'ok' };

const ill: Readonly<Partial<Record<FaultName, Manners>>> = {
  silent: { create: 'silent', pull: 'silent', calls: 'silent', picture: 'silent' },
  garbage: { create: 'html', pull: 'html', calls: 'html', picture: 'html' },
  exception: { ...well, create: 'fault', pull: 'fault', renew: 'fault' },
  truncated: { ...well, pull: 'malformed' },
};

/** What `decode` would be given, as a message of a camera. */
function noticeOf({ payload }: Said): CameraNotice {
  const { topic, source, data } = JSON.parse(Buffer.from(payload).toString()) as {
    topic: string;
    source?: Readonly<Record<string, unknown>>;
    data?: Readonly<Record<string, unknown>>;
  };
  return { topic, source: items(source), data: items(data) };
}

function items(fields: Readonly<Record<string, unknown>> = {}): Items {
  return Object.fromEntries(Object.keys(fields).map((name) => [name, wordAt(fields, name)]));
}
