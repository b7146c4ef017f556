import { describe, expect, it } from 'vitest';
import { driver as tcp } from '../../../gateway/collect/modbus/driver.ts';
import { run } from '../line/running.ts';
import { type Fault, faultServer, honest } from '../modbus/fault-server.ts';
import * as faults from '../modbus/faults.ts';
import { profileOf } from '../modbus/profiles.ts';

/** What a port learns about its devices, and keeps. */

const points = { a: { at: 0 }, b: { at: 4 }, c: { at: 5 }, d: { at: 7 } };
const more = { groups: { fast: { every: '50ms' } }, transport: { timing: { timeout: '200ms' } } };

/** Register 2, which nobody wants, and register 5 are not there. */
const withHoles: Fault = (stage) => {
  const { start, count } = stage.asked;
  const isThere = [2, 5].every((hole) => hole < start || hole >= start + count);
  (isThere ? honest : faults.exception(2))(stage);
};

async function asked(kept: ReadonlyMap<string, string>, version = '1.0.0') {
  const server = await faultServer('tcp', withHoles);
  const profile = profileOf(points, { ...more, version });
  const running = await run(tcp, { host: '127.0.0.1', port: server.port }, [{ id: 'meter-1', profile, address: { unit: 1 } }], {
    kept,
  });
  await expect.poll(() => running.calls.length).toBeGreaterThan(1);
  await running.port.stop();
  await server.close();
  return { spans: server.seen.map(({ start, count }) => `${start}+${count}`), running };
}

describe('reads that had to be taken apart', () => {
  it('stay apart after a restart: nothing is asked again that was refused because it was too much', async () => {
    const first = await asked(new Map());
    expect(first.spans.slice(0, 6)).toEqual(['0+8', '0+1', '4+2', '4+1', '5+1', '7+1']);
    const second = await asked(first.running.kept);
    // The one value that is not there is asked once; it may have come with a new firmware.
    expect(second.spans.slice(0, 4)).toEqual(['0+1', '4+1', '5+1', '7+1']);
    expect(second.running.port.counters()).toMatchObject({ splits: 0 });
  });

  it('are kept in the same commit as the values of their cycle, and only when there is news', async () => {
    const { running } = await asked(new Map());
    expect([...running.kept]).toEqual([
      ['apart/meter-1', JSON.stringify({ profile: 'test.meter@1.0.0', apart: ['holding 0+8', 'holding 4+2'] })],
    ]);
  });

  it('are forgotten with another version of the profile, and with memory that makes no sense', async () => {
    const { running } = await asked(new Map());
    expect((await asked(running.kept, '1.1.0')).spans[0]).toBe('0+8');
    expect((await asked(new Map([['apart/meter-1', '{"profile":']]))).spans[0]).toBe('0+8');
    expect((await asked(new Map([['apart/meter-1', '[]']]))).spans[0]).toBe('0+8');
  });
});
