import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import { freePort } from '../../demo/ports.ts';
import { metric, startRig, usage } from './rig.ts';
import { modbusProfile } from './modbus-profile.ts';
import type { Bench } from './run.ts';

const devices = 1_000;
const points = 10;
const seconds = Number(process.env['SECONDS_LONG'] ?? 60);

/** 1,000 Modbus TCP devices × 10 points, each read once a second, kept, written to the history and sent to the cloud. */
export const memory: Bench = {
  name: 'memory',
  title: `${devices} Modbus TCP devices × ${points} points each second, for ${seconds} s`,
  async run() {
    const port = await freePort(0);
    const server = spawn(process.execPath, ['test/bench/modbus-server.ts', String(port)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((up) => server.stdout.once('data', up));
    const rig = await startRig((folder) => ({
      profiles: [modbusProfile(join(folder, 'profiles'), points)],
      ports: [{ id: 'tcp', driver: 'modbus', mode: 'tcp' }],
      // One loopback address a device, so that each has a connection of its own.
      devices: Array.from({ length: devices }, (_, i) => ({
        id: `m-${i}`,
        profile: 'bench.modbus',
        port: 'tcp',
        address: { unit: 1, host: `127.1.${Math.floor(i / 250)}.${(i % 250) + 1}`, port },
        name: `电表 ${i}`,
      })),
    }));
    try {
      await pause(10_000);
      const gatewayPid = rig.gateway.process.pid ?? 0;
      const cloudPid = rig.cloud.process.pid ?? 0;
      const before = { gateway: usage(gatewayPid), cloud: usage(cloudPid) };
      const readings = await metric(rig.localUrl, 'yihu_pipeline_total', { counter: 'readings' });
      let peak = 0;
      for (let i = 0; i < seconds; i++) {
        await pause(1_000);
        peak = Math.max(peak, usage(gatewayPid).rssMegabytes);
      }
      const after = { gateway: usage(gatewayPid), cloud: usage(cloudPid) };
      const read = (await metric(rig.localUrl, 'yihu_pipeline_total', { counter: 'readings' })) - readings;
      return [
        { what: 'readings kept', value: read / seconds, unit: 'readings/s', aim: String(devices * points) },
        { what: 'polls skipped', value: await metric(rig.localUrl, 'yihu_port_total', { counter: 'skipped_polls' }), unit: '' },
        { what: 'gateway memory, highest', value: peak, unit: 'MB', aim: '≤ 150' },
        {
          what: 'gateway CPU',
          value: ((after.gateway.cpuSeconds - before.gateway.cpuSeconds) / seconds) * 100,
          unit: '% of a core',
        },
        { what: 'cloud and database memory', value: after.cloud.rssMegabytes, unit: 'MB' },
        {
          what: 'cloud and database CPU',
          value: ((after.cloud.cpuSeconds - before.cloud.cpuSeconds) / seconds) * 100,
          unit: '% of a core',
        },
      ];
    } finally {
      await rig.stop();
      server.kill('SIGKILL');
    }
  },
};
