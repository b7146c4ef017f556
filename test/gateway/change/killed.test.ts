import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { askService } from '../../../gateway/service-socket.ts';
import { RealGateway, end, mqttProfile, until } from '../real-gateway.ts';

const folder = mkdtempSync(join(tmpdir(), 'yihu-killed-'));
let gateway: RealGateway | null = null;
afterEach(() => {
  for (const child of gateway?.children ?? []) child.process.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** One question to the socket of this machine. */
async function ask(what: 'change' | 'change-state', body: object): Promise<{ change?: { state: string; id: string } | null }> {
  for await (const document of askService(join(folder, 'data'), what, body))
    return document as { change: { state: string; id: string } };
  throw new Error('no answer');
}

it('killed in the middle of a change, a gateway comes up with the site it had, and the log says what became of it', async () => {
  const devices = [{ id: 'a-1', profile: 'test.a', port: 'air', address: { identity: 'a-1' }, name: '甲' }];
  gateway = await RealGateway.in(folder, { id: 'gw-1', uplink: 'off', devices }, [mqttProfile('test.a', 'a', { x: 1 }, {})]);
  const before = readFileSync(gateway.file, 'utf8');
  const first = await gateway.start();
  // Edited in place, with a port whose wire never comes.
  const text = before.replace('ports:\n', 'ports:\n  - {id: far, driver: modbus, host: 127.0.0.1, port: 1}\n');
  expect(text).not.toBe(before);
  writeFileSync(gateway.file, text);
  expect(await ask('change', { text, by: 'local/test' })).toMatchObject({ change: { state: 'applying' } });
  await until('the verification', async () => (await ask('change-state', {})).change?.state === 'verifying');
  await end(first, 'SIGKILL');
  expect(readFileSync(gateway.file, 'utf8')).toBe(text);

  const second = await gateway.start();
  expect(readFileSync(gateway.file, 'utf8')).toBe(before);
  expect(readFileSync(`${gateway.file}.refused`, 'utf8')).toBe(text);
  expect(await ask('change-state', {})).toMatchObject({ change: { state: 'rolled-back', by: 'local/test' } });
  await end(second);
  const steps = (await gateway.records('alarm')).flatMap((record) => (record.kind === 'change' ? [record.state] : []));
  expect(steps).toEqual(['applying', 'verifying', 'rolled-back']);
}, 180_000);
