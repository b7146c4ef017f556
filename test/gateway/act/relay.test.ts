import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { registerServer, type RegisterServer } from '../modbus/register-server.ts';
import { RealGateway, end, mqttProfile, until } from '../real-gateway.ts';

/** 联动 from smoke to relay: a real gateway process, a panel on MQTT, an 8-channel relay board behind a serial server, no cloud. */

let folder: string;
let gateway: RealGateway | undefined;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'yihu-relay-'))));
afterEach(async () => {
  for (const child of gateway?.children ?? []) await end(child, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const quiet = { smoke: false, gas: false, pump: false };
const alarm = (point: string, hazard: string) => ({
  name: { zh: '告警', en: `The ${point} alarm` },
  point,
  is: true,
  severity: 'critical',
  hazard,
});
const panel = mqttProfile('test.panel', 'panel', quiet, { alarms: { smoke: alarm('smoke', 'fire'), gas: alarm('gas', 'gas') } });

const turn = (channel: number, on: boolean) => ({ devices: ['relays'], command: `${on ? 'on' : 'off'}_${channel}` });
/** 1, 2: doors; 3: siren; 4: gas valve. */
const linkage = [
  {
    id: 'fire-doors',
    name: '火灾开门鸣笛',
    when: { hazard: 'fire', severity: 'major' },
    do: [turn(1, true), turn(2, true), turn(3, true)],
    undo: [turn(3, false)],
  },
  {
    id: 'gas-valve',
    name: '燃气泄漏关阀',
    when: { hazard: 'gas' },
    unless: [{ device: 'pumps', point: 'pump', is: true, name: '消防泵运行' }],
    do: [turn(4, true)],
  },
];

async function site(server: RegisterServer): Promise<RealGateway> {
  const at = (id: string, profile: string, port: string, address: object) => ({ id, profile, port, address, name: id });
  return RealGateway.in(
    folder,
    {
      id: 'gw-relay',
      ports: [{ id: 'bus', driver: 'line', mode: 'tcp', host: '127.0.0.1', port: server.port, baud: 115_200 }],
      devices: [
        at('panel', panel.id, 'air', { identity: 'panel' }),
        at('pumps', panel.id, 'air', { identity: 'pumps' }),
        at('relays', 'generic.relay-8', 'bus', { unit: 1 }),
      ],
      linkage,
    },
    [panel],
  );
}

async function say(device: string, more: Partial<typeof quiet>): Promise<void> {
  await gateway?.publish(device, `panel/${device}/up`, { ...quiet, ...more });
}

/** `3 on`: which channel was told what. */
function writesIn(server: RegisterServer): string[] {
  const pdus = server.heard.map((line) => line.split(' ')[1] ?? '').filter((pdu) => pdu.startsWith('05'));
  return pdus.map((pdu) => `${parseInt(pdu.slice(2, 6), 16) + 1} ${pdu.slice(6) === 'ff00' ? 'on' : 'off'}`);
}

/** Order → what became of it, in order. */
async function lives(of: RealGateway): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  const acts = (await of.records('alarm')).filter((record): record is LogRecord & { kind: 'act' } => record.kind === 'act');
  for (const { id, state, command } of acts) found.set(id, [...(found.get(id) ?? [command.split('_')[1] ?? '']), state]);
  return found;
}

it('fire opens the doors and sounds the siren; gas closes the valve unless the fire pump runs or nobody knows', async () => {
  const server = await registerServer('rtu');
  gateway = await site(server);
  const child = await gateway.start();
  await until('the first poll', () => server.heard.length > 1);
  await say('panel', { gas: true });
  await say('panel', {});
  await say('pumps', { pump: true });
  await say('panel', { gas: true });
  await say('panel', {});
  expect(writesIn(server)).toEqual([]);
  await say('panel', { smoke: true });
  await until('doors and siren', () => [0, 1, 2].every((coil) => server.coils.get(coil)));
  await say('panel', {});
  await until('the siren to stop', () => server.coils.get(2) === false);
  await say('pumps', { pump: false });
  await say('panel', { gas: true });
  await until('the valve', () => server.coils.get(3) === true);
  await pause(2_000);
  await end(child);
  expect(writesIn(server)).toEqual(['1 on', '2 on', '3 on', '3 off', '4 on']);
  const told = [...(await lives(gateway)).values()].map((life) => life.join(' '));
  expect(told).toEqual([
    '4 blocked',
    '4 blocked',
    '1 accepted sent confirmed',
    '2 accepted sent confirmed',
    '3 accepted sent confirmed',
    '3 accepted sent confirmed',
    '4 accepted sent confirmed',
  ]);
}, 120_000);

it('killed with an order on the wire: it is never sent again, its outcome is unknown, and those behind it expire', async () => {
  const server = await registerServer('rtu');
  gateway = await site(server);
  const first = await gateway.start();
  await until('the first poll', () => server.heard.length > 1);
  const killer = (pdu: Buffer, good: () => Buffer) => {
    if (pdu[0] === 5) return void first.process.kill('SIGKILL');
    server.next.push(killer);
    return good();
  };
  server.next.push(killer);
  await Promise.all([first.ended, say('panel', { smoke: true }).catch(() => undefined)]);
  const before = server.heard.length;
  const second = await gateway.start();
  await until('the next poll', () => server.heard.length > before + 1);
  // The smoke is still there, and is no new one; what follows kills it at no moment in particular.
  await say('panel', { smoke: true });
  expect(writesIn(server)).toEqual(['1 on']);
  await say('panel', {});
  await Promise.all([say('panel', { smoke: true }).catch(() => undefined), pause(20).then(() => end(second, 'SIGKILL'))]);
  const written = writesIn(server);
  const third = await gateway.start();
  await pause(1_500);
  await end(third);
  expect(writesIn(server)).toEqual(written);
  const told = [...(await lives(gateway)).values()].map((life) => life.join(' '));
  expect(told.slice(0, 3)).toEqual(['1 accepted unknown', '2 accepted expired', '3 accepted expired']);
  for (const life of told) expect(life).toMatch(/ (expired|unknown|confirmed)$/);
  const ons = (of: readonly string[], what: RegExp) => of.filter((line) => what.test(line)).length;
  for (const channel of [1, 2, 3])
    expect(ons(written, new RegExp(`^${channel}`))).toBeLessThanOrEqual(
      ons(told, new RegExp(`^${channel}.*(unknown|confirmed)$`)),
    );
}, 180_000);
