import { httpEventOf } from '@yihu/device-profiles/protocols/http-event.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { SimulatedDevice } from '../../device.ts';
import { identityOf } from '../../identity-of.ts';
import { loginOf } from '../../login-of.ts';
import { endpointOf, listenerAt, refuseTls } from '../../place.ts';
import type { OpenWire, SimulatedPort, SimulatedWire } from '../../wire.ts';
import { SimulatedHttpDevice } from './device.ts';

/** Devices that speak HTTP: they post to where the gateway listens, and listen where the gateway goes to. */
export const wire: SimulatedWire = {
  driver: 'http-event',
  faults: ({ profile }) => [
    ...(['silent', 'slow', 'garbage', 'exception', 'truncated', 'unplugged', 'stuck'] as const),
    ...(profile.time === undefined ? [] : (['clock-skew'] as const)),
  ],
  open: (port) => new HttpWire(port),
  alone(profile, { host, port }) {
    if (profile.transport.protocol !== 'http-event') return undefined;
    const { listen, stream, backfill, identity } = httpEventOf(profile);
    const isPosting = Object.keys(listen).length > 0;
    const isGoneTo = stream !== undefined || backfill !== undefined || hasOrders(profile);
    const needsKey = Object.values(listen).some(({ path }) => path.includes('{key}'));
    return {
      port: isPosting ? { listen: `${host}:${port}`, senders: needsKey ? 'known' : 'pinned' } : {},
      address: {
        identity: identityOf(identity),
        ...(isPosting && !needsKey && { from: [host] }),
        ...(isGoneTo && { host, port: isPosting ? port + 1 : port }),
      },
      ...(needsKey && { needsKey }),
    };
  },
};

/** Whether the gateway goes to the device with its commands. */
function hasOrders({ commands }: Profile): boolean {
  return Object.values(commands).some(({ do: asked }) => typeof asked === 'object' && asked !== null && 'path' in asked);
}

class HttpWire implements OpenWire {
  readonly #devices: ReadonlyMap<SimulatedDevice, SimulatedHttpDevice>;

  constructor(port: SimulatedPort) {
    this.#devices = new Map(port.devices.map((device) => [device, httpDevice(device, port)]));
  }

  async start(): Promise<void> {
    await Promise.all([...this.#devices.values()].map((each) => each.start()));
  }

  async say(device: SimulatedDevice): Promise<void> {
    await this.#devices.get(device)?.say();
  }

  async fire(device: SimulatedDevice, type: string, data?: Readonly<Record<string, Value>>): Promise<void> {
    await this.#devices.get(device)?.fire(type, data);
  }

  failed(device: SimulatedDevice): void {
    this.#devices.get(device)?.failed();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#devices.values()].map((each) => each.stop()));
  }
}

function httpDevice(device: SimulatedDevice, { settings, folder, clock, random, secretOf }: SimulatedPort): SimulatedHttpDevice {
  const { listen, tls } = settings as { listen?: string; tls?: unknown };
  if (tls !== undefined) refuseTls(device);
  const key = secretOf(device.id);
  const login = loginOf(device, folder);
  return new SimulatedHttpDevice({
    device,
    ...(listen !== undefined && { gateway: listenerAt(device, listen) }),
    ...(device.address['host'] !== undefined && { own: endpointOf(device, {}, 80) }),
    ...(key !== undefined && { key }),
    ...(login && { login }),
    clock,
    random,
  });
}
