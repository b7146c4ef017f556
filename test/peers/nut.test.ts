import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { SimulatedDevice } from '../../gateway/simulate/device.ts';
import { megatecSlave } from '../../gateway/simulate/wires/megatec/slave.ts';
import { loadProfiles } from '../../gateway/site.ts';
import { cable } from '../gateway/line/pty.ts';
import { farEnd } from '../gateway/meters/far-end.ts';
import { describeWith } from '../needs.ts';

const run = promisify(execFile);
const { profiles } = await loadProfiles();

/** A simulated UPS at one end of a serial cable; what Network UPS Tools reads of it at the other. */
async function readBy(driver: string, set: (ups: SimulatedDevice) => void): Promise<Record<string, string>> {
  const profile = profiles.get('generic.ups-megatec');
  if (profile === undefined) throw new Error('the library has no UPS');
  const ups = new SimulatedDevice('ups', profile, {}, () => 0.5);
  set(ups);
  const line = await cable();
  const slave = megatecSlave(ups);
  const far = await farEnd(line.theirs, [(question) => slave(question, Date.UTC(2026, 10, 28))]);
  const state = mkdtempSync(join(tmpdir(), 'yihu-nut-'));
  onTestFinished(async () => {
    await far.close();
    await line.remove();
    rmSync(state, { recursive: true, force: true });
  });
  // One update, written out, and the driver ends.
  const options = ['-s', 'simulated', '-x', `port=${line.ours}`, '-x', 'cablepower=none', '-u', 'root', '-d', '1'];
  const { stdout } = await run(`/lib/nut/${driver}`, options, { env: { ...process.env, NUT_STATEPATH: state }, timeout: 25_000 });
  return Object.fromEntries([...stdout.matchAll(/^([a-z.]+): (.*)$/gm)].map(([, key = '', value = '']) => [key, value]));
}

describeWith(['nut', 'socat', 'root'], 'Network UPS Tools reads our simulated UPS', () => {
  it.each(['blazer_ser', 'nutdrv_qx'])('%s: what it says of itself, on mains', async (driver) => {
    const read = await readBy(driver, (ups) => {
      ups.set('input_voltage', 221.5);
      ups.set('output_voltage', 220.4);
      ups.set('load', 37);
      ups.set('frequency', 49.9);
      ups.set('battery_voltage', 2.27);
      ups.set('temperature', 31.5);
    });
    expect(read).toMatchObject({
      'ups.load': '37',
      'ups.temperature': '31.5',
      'input.voltage': '221.5',
      'output.voltage': '220.4',
    });
    expect(read).toMatchObject({ 'input.frequency': '49.9', 'ups.status': 'OL' });
  });

  it.each(['blazer_ser', 'nutdrv_qx'])('%s: on battery, almost empty, testing itself', async (driver) => {
    const read = await readBy(driver, (ups) => {
      ups.set('on_battery', true);
      ups.set('battery_low', true);
      ups.set('testing', true);
    });
    expect(read['ups.status']?.split(' ').toSorted()).toEqual(['CAL', 'LB', 'OB']);
  });
});
