import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import mqtt, { type MqttClient } from 'mqtt';
import { type Browser, type Page, chromium } from 'playwright-core';
import { freePort } from '../../demo/ports.ts';
import { type Rig, loadProfile, metric, percentile, startRig, until } from './rig.ts';
import type { Bench } from './run.ts';

const devices = 50;
const points = 10;
const queuedReadings = 100_000;
const bells = 25;

/** From the device's socket write to the event in a real browser: idle, and with 100,000 readings queued in front. */
export const latency: Bench = {
  name: 'latency',
  title: 'Alarm: device socket → browser event',
  async run() {
    const port = await freePort(0);
    const rig = await startRig((folder) => ({
      profiles: [loadProfile(folder, points)],
      ports: [{ id: 'mqtt', driver: 'mqtt', listen: `127.0.0.1:${port}`, login: 'open' }],
      devices: [
        ...Array.from({ length: bells }, (_, i) => `bell-${i}`),
        ...Array.from({ length: devices }, (_, i) => `dev-${i}`),
      ].map((id) => ({
        id,
        profile: 'bench.load',
        port: 'mqtt',
        address: { identity: id },
        name: id,
      })),
    }));
    const args = [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ];
    const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args });
    try {
      return await measure(rig, port, browser);
    } finally {
      await browser.close();
      await rig.stop();
    }
  },
};

async function measure(rig: Rig, port: number, browser: Browser) {
  const page = await listeningPage(rig, browser);
  const bell = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: 'bells', clean: true, protocolVersion: 4 });
  await ring(bell, page, 20);
  const idle = await ring(bell, page, 200);
  const busy: number[] = [];
  for (let round = 0; round < 6; round++) busy.push(...(await ringInFrontOfBacklog(rig, bell, page, port)));
  await bell.endAsync();
  const rows = (name: string, samples: number[], aim50: string | undefined, aim99: string) => {
    const sorted = samples.toSorted((a, b) => a - b);
    return [
      { what: `${name}: p50 of ${sorted.length}`, value: percentile(sorted, 0.5), unit: 'ms', ...(aim50 ? { aim: aim50 } : {}) },
      { what: `${name}: p99`, value: percentile(sorted, 0.99), unit: 'ms', aim: aim99 },
    ];
  };
  return [...rows('idle', idle, '≤ 50', '≤ 300'), ...rows(`${queuedReadings} readings queued`, busy, undefined, '≤ 1000')];
}

/** A page of the cloud's own origin, logged in, with the event stream open; it notes when each alarm is seen. */
async function listeningPage(rig: Rig, browser: Browser): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(`${rig.url}/health`);
  const { account, password } = rig.accounts.find(({ role }) => role === 'dispatcher') ?? { account: '', password: '' };
  await page.evaluate(
    async (login) => {
      await fetch('/api/session', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(login),
      });
      const seen: Record<string, number> = {};
      Object.assign(globalThis, { seen });
      const source = new EventSource('/api/stream');
      source.addEventListener('message', ({ data }) => {
        const event = JSON.parse(data as string) as { type: string; alarm?: { active: boolean; value?: unknown } };
        if (event.type === 'alarm' && event.alarm)
          seen[`${event.alarm.active} ${String(event.alarm.value)}`] ??= performance.timeOrigin + performance.now();
      });
      await new Promise((open) => source.addEventListener('open', open));
    },
    { account, password },
  );
  return page;
}

let value = 2_000;

/** One alarm: raised with a value of its own, waited for in the browser, cleared. Returns milliseconds. */
async function ringOnce(client: MqttClient, page: Page, bell: string): Promise<number> {
  const mine = ++value;
  const sentAt = performance.timeOrigin + performance.now();
  client.publish(`load/${bell}/up`, JSON.stringify({ p0: mine }), { qos: 1 });
  const seen = await page.waitForFunction(
    (key) => (globalThis as unknown as { seen: Record<string, number> }).seen[key],
    `true ${mine}`,
    {
      polling: 20,
      timeout: 60_000,
    },
  );
  const ms = ((await seen.jsonValue()) ?? Number.NaN) - sentAt;
  await client.publishAsync(`load/${bell}/up`, JSON.stringify({ p0: 0 }), { qos: 1 });
  return ms;
}

async function ring(client: MqttClient, page: Page, times: number): Promise<number[]> {
  const samples: number[] = [];
  for (let i = 0; i < times; i++) {
    samples.push(await ringOnce(client, page, 'bell-0'));
    await pause(10);
  }
  return samples;
}

const backlog = (rig: Rig) => metric(rig.localUrl, 'yihu_log_records', { lane: 'telemetry', reader: 'uplink', fate: 'buffered' });

/** The cloud stands still while the backlog grows; then it goes on, and one bell after the other is rung while it drains. */
async function ringInFrontOfBacklog(rig: Rig, client: MqttClient, page: Page, port: number): Promise<number[]> {
  const messages = queuedReadings / points / devices;
  rig.cloud.process.kill('SIGSTOP');
  const args = ['test/bench/devices.ts', port, devices, points, messages, 8].map(String);
  await once(spawn(process.execPath, args, { stdio: 'ignore' }), 'exit');
  const queued = (await backlog(rig)) * points;
  if (queued < queuedReadings * 0.9) throw new Error(`only ${queued} readings were queued`);
  rig.cloud.process.kill('SIGCONT');
  const rung: Promise<number>[] = [];
  for (let i = 0; i < bells; i++) {
    rung.push(ringOnce(client, page, `bell-${i}`));
    await pause(15);
  }
  const samples = await Promise.all(rung);
  await until('the backlog is drained', async () => (await backlog(rig)) === 0);
  return samples;
}
