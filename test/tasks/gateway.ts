import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import mqtt from 'mqtt';
import { stringify } from 'yaml';
import { systemClock } from '../../cloud/clock.ts';
import { type Child, startChild } from '../../demo/child.ts';
import { freePort } from '../../demo/ports.ts';
import { loadProfile } from '../bench/rig.ts';
import type { Town } from './town.ts';

const id = 'gw-live';
const meters = 300;
const bells = 60;
const points = 10;
/** 3,000 devices that speak once a minute are 50 messages a second. */
const messagesPerSecond = 50;

/** A real gateway in the community, with devices on its wire that speak as all of the street would. */
export interface LiveGateway {
  /** A detector writes to its socket; each time another one, in another home. */
  raise(): Promise<void>;
  stop(): Promise<void>;
}

export async function startLiveGateway(town: Town): Promise<LiveGateway> {
  const folder = path.join(town.folder, 'gateway');
  const logs = path.join(folder, 'log');
  mkdirSync(logs, { recursive: true });
  const [port, local] = await Promise.all([freePort(0), freePort(0)]);
  const site = writeSite(folder, port, local);
  await claim(town, id, site, logs);
  const gateway = startChild('gateway', ['gateway/bin/yihu-gateway.js', 'run', site, '--json', '--log-level', 'warn'], logs);
  await gateway.started;
  const wire = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: 'street', clean: true, protocolVersion: 4 });
  const load = speak(wire);
  let rung = 0;
  return {
    raise: async () => {
      wire.publish(`load/bell-${rung % bells}/up`, JSON.stringify({ p0: 2_000 + rung }), { qos: 1 });
      rung += 1;
    },
    stop: async () => {
      await load.stop();
      await wire.endAsync();
      gateway.process.kill('SIGTERM');
      await gateway.ended;
    },
  };
}

function writeSite(folder: string, port: number, local: number): string {
  const device = (name: string, place: object) => ({
    id: name,
    profile: 'bench.load',
    port: 'mqtt',
    address: { identity: name },
    name,
    place,
  });
  // Flats of the seed's first building, where people live.
  const flat = (nth: number) => ({
    building: '1',
    unit: String(1 + (nth % 3)),
    room: `${1 + Math.floor(nth / 6)}0${1 + (Math.floor(nth / 3) % 2)}`,
  });
  const file = path.join(folder, 'gateway.yaml');
  const site = {
    schema: 'yihu-site/1',
    gateway: { id, name: '社区网关' },
    data: 'data',
    listen: `127.0.0.1:${local}`,
    profiles: [loadProfile(folder, points)],
    ports: [{ id: 'mqtt', driver: 'mqtt', listen: `127.0.0.1:${port}`, login: 'open' }],
    devices: [
      ...Array.from({ length: bells }, (_, nth) => device(`bell-${nth}`, flat(nth))),
      ...Array.from({ length: meters }, (_, nth) => device(`dev-${nth}`, flat(nth % 100))),
    ],
  };
  writeFileSync(file, stringify(site));
  return file;
}

/** As an administrator and an installer do together. */
export async function claim({ as: { admin }, url, grid }: Town, id: string, site: string, logs: string): Promise<void> {
  const named = { id, name: { zh: '社区网关' }, area: grid };
  const made = await admin.call<{ code: string }>('POST', '/api/gateways', named);
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  const claiming: Child = startChild(
    'claim',
    ['gateway/bin/yihu-gateway.js', 'claim', url, made.body.code, '--site', site],
    logs,
  );
  claiming.started.catch(() => undefined);
  const code = await claiming.ended;
  if (code !== 0) throw new Error(`the gateway could not be claimed: exit ${code}, see ${logs}`);
}

/** Every meter in turn, at the street's rate, until stopped. */
function speak(wire: mqtt.MqttClient): { stop: () => Promise<void> } {
  const calledOff = new AbortController();
  const speaking = (async () => {
    for (let said = 0; !calledOff.signal.aborted; said += 1) {
      const values = Array.from({ length: points }, (_, nth) => [`p${nth}`, Math.round(200 + 50 * Math.sin(said / 50 + nth))]);
      wire.publish(`load/dev-${said % meters}/up`, JSON.stringify(Object.fromEntries(values)), { qos: 1 });
      await systemClock.sleep(1_000 / messagesPerSecond);
    }
  })();
  return {
    stop: () => {
      calledOff.abort();
      return speaking;
    },
  };
}
