import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../../demo/ports.ts';
import { type Rig, loadProfile, metric, startRig, until, usage } from './rig.ts';
import type { Bench } from './run.ts';

const devices = 100;
const points = 10;
const messages = 300;
const total = devices * messages;

/** MQTT message → log → history → cloud record: everything durable, everything on this machine, the load generator too. */
export const path: Bench = {
  name: 'path',
  title: 'MQTT message → log → history → cloud record',
  async run() {
    const mqttPort = await freePort(0);
    const rig = await startRig((folder) => ({
      profiles: [loadProfile(folder, points)],
      ports: [{ id: 'mqtt', driver: 'mqtt', listen: `127.0.0.1:${mqttPort}`, login: 'open' }],
      devices: Array.from({ length: devices }, (_, i) => ({
        id: `dev-${i}`,
        profile: 'bench.load',
        port: 'mqtt',
        address: { identity: `dev-${i}` },
        name: `压测 ${i}`,
      })),
    }));
    try {
      return await measure(rig, mqttPort);
    } finally {
      await rig.stop();
    }
  },
};

async function measure(rig: Rig, port: number) {
  const gatewayPid = rig.gateway.process.pid ?? 0;
  const cloudPid = rig.cloud.process.pid ?? 0;
  const before = { gateway: usage(gatewayPid), cloud: usage(cloudPid) };
  const inHistory = () => metric(rig.localUrl, 'yihu_log_records', { lane: 'telemetry', reader: 'history', fate: 'delivered' });
  const inCloud = () => metric(rig.localUrl, 'yihu_log_records', { lane: 'telemetry', reader: 'uplink', fate: 'delivered' });
  const started = performance.now();
  const load = spawn(
    process.execPath,
    ['test/bench/devices.ts', String(port), String(devices), String(points), String(messages), '8'],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  await once(load, 'exit');
  const ackedMs = performance.now() - started;
  await until('everything in the cloud', async () => (await inCloud()) >= total);
  const cloudMs = performance.now() - started;
  await until('everything in the history', async () => (await inHistory()) >= total);
  const historyMs = performance.now() - started;
  const after = { gateway: usage(gatewayPid), cloud: usage(cloudPid) };
  const readings = total * points;
  const cpu = (who: 'gateway' | 'cloud') => ((after[who].cpuSeconds - before[who].cpuSeconds) / readings) * 1e6;
  return [
    { what: 'readings', value: readings, unit: '' },
    { what: 'acked to the devices (on disk)', value: readings / (ackedMs / 1000), unit: 'readings/s' },
    { what: 'committed in the cloud', value: readings / (cloudMs / 1000), unit: 'readings/s', aim: '≥ 20000' },
    { what: 'in the history too', value: readings / (Math.max(cloudMs, historyMs) / 1000), unit: 'readings/s' },
    { what: 'CPU of the gateway', value: cpu('gateway'), unit: 'µs/reading' },
    { what: 'CPU of the cloud and its database', value: cpu('cloud'), unit: 'µs/reading' },
    { what: 'gateway memory after the load', value: after.gateway.rssMegabytes, unit: 'MB' },
    { what: 'cloud and database memory after the load', value: after.cloud.rssMegabytes, unit: 'MB' },
    { what: 'start of the gateway', value: rig.startMs.gateway, unit: 'ms' },
    { what: 'first start of the cloud (makes the database)', value: rig.startMs.cloud, unit: 'ms' },
  ];
}
