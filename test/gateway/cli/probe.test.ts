import { describe, expect, it } from 'vitest';
import { registerServer } from '../modbus/register-server.ts';
import { here } from './here.ts';

/** CHINT DDSU666: floats from 0x2000, the voltage of its public frame. */
async function meter() {
  const server = await registerServer('tcp');
  const words = [0x4366, 0x3334, 0x3fa1, 0x47ae, 0xbe49, 0x0903, 0x3dbc, 0xd35b];
  words.forEach((word, i) => server.holding.set(0x2000 + i, word));
  server.holding.set(0x200e, 0x4248);
  return server;
}

interface Probed {
  readonly guesses: { at: number; type: string; value: number }[];
  readonly refused: { at: number }[];
  readonly blocks: { start: number; words: number[] }[];
}

describe('probe', () => {
  it('reads a range once and says what it looks like', async () => {
    const server = await meter();
    const { code, out } = await here('probe', '--tcp', `127.0.0.1:${server.port}`, '--at', '0x2000', '--count', '8', '--json');
    expect(code).toBe(0);
    const said = JSON.parse(out) as Probed;
    expect(said).toMatchObject({ schema: 'yihu.probe/1', unit: 1, table: 'holding' });
    expect(said.guesses.slice(0, 2)).toMatchObject([
      { at: 0x2000, type: 'f32', order: 'ABCD', value: 230.2, marks: [{ id: 'voltage' }] },
      { at: 0x2002, type: 'f32', value: 1.26 },
    ]);
    expect(server.heard).toHaveLength(1);
    const text = await here('probe', '--tcp', `127.0.0.1:${server.port}`, '--at', '0x2000', '--count', '2', '--lang', 'zh');
    expect(text.out).toMatch(/8192 \(0x2000\)\s+4366 3334\s+f32\s+ABCD\s+230\.2\s+90%\s+像相电压 V/);
  });

  it('takes a refused range apart, down to the registers that are not there', async () => {
    const server = await meter();
    const missing = 0x2005;
    server.next = Array.from({ length: 64 }, () => (pdu: Buffer, good: () => Buffer) => {
      const [start, count] = [pdu.readUInt16BE(1), pdu.readUInt16BE(3)];
      return missing >= start && missing < start + count ? Buffer.from([(pdu[0] ?? 0) | 0x80, 2]) : good();
    });
    const { code, out } = await here('probe', '--tcp', `127.0.0.1:${server.port}`, '--at', '0x2000', '--count', '8', '--json');
    const said = JSON.parse(out) as Probed;
    expect(code).toBe(0);
    expect(said.refused).toEqual([{ at: missing, exception: 2 }]);
    expect(said.blocks.map(({ start, words }) => [start, words.length])).toEqual([
      [0x2000, 5],
      [0x2006, 2],
    ]);
  });

  it('says which variant of a profile fits', async () => {
    const server = await meter();
    // This meter knows function 3 only.
    server.next = Array.from(
      { length: 64 },
      () => (pdu: Buffer, good: () => Buffer) => (pdu[0] === 4 ? Buffer.from([0x84, 1]) : good()),
    );
    const { code, out } = await here('probe', '--tcp', `127.0.0.1:${server.port}`, '--profile', 'chint.ddsu666', '--json');
    expect(code).toBe(0);
    const { fits } = JSON.parse(out) as { fits: { variant: string | null; good: number; points: number }[] };
    expect(fits.map(({ variant, good }) => [variant, good > 0])).toEqual([
      ['fc03', true],
      [null, false],
    ]);
  });

  it('says that nobody is there', async () => {
    const server = await registerServer('tcp');
    server.next = Array.from({ length: 8 }, () => () => undefined);
    const words = ['probe', '--tcp', `127.0.0.1:${server.port}`, '--timeout', '60', '--json'];
    expect((await here(...words)).code).toBe(3);
    expect((await here(...words, '--profile', 'chint.ddsu666')).code).toBe(3);
  });
});
