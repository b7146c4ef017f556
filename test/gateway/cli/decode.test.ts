import { describe, expect, it } from 'vitest';
import { here } from './here.ts';

/** `decode` in this process, because a process for each of a hundred values would take minutes; `cli.test.ts` starts real ones. */
async function decode(...args: string[]): Promise<{ code: number; document: Record<string, unknown> }> {
  const { code, out } = await here('decode', '--json', ...args);
  return { code, document: JSON.parse(out) as Record<string, unknown> };
}

const orders = ['ABCD', 'CDAB', 'BADC', 'DCBA'] as const;

/** Big-endian hex as it would lie in the registers of a device of this order. */
function wordsOf(hex: string, order: (typeof orders)[number]): string {
  const words = hex.match(/.{4}/g) ?? [];
  const swapped = order === 'BADC' || order === 'DCBA' ? words.map((word) => word.slice(2) + word.slice(0, 2)) : words;
  return (order === 'CDAB' || order === 'DCBA' ? swapped.toReversed() : swapped).join(',');
}

const hexOf = (write: (buffer: Buffer) => void, bytes: number) => {
  const buffer = Buffer.alloc(bytes);
  write(buffer);
  return buffer.toString('hex');
};

/** Type, big-endian hex, value: by Buffer's own writing where it can, by hand where it cannot. */
const values: [type: string, hex: string, value: unknown][] = [
  ['u16', hexOf((b) => b.writeUInt16BE(51_966), 2), 51_966],
  ['s16', hexOf((b) => b.writeInt16BE(-2), 2), -2],
  ['u24', '00fedcba', 0xfedcba],
  ['s24', '00fffffe', -2],
  ['u32', hexOf((b) => b.writeUInt32BE(4_275_878_552), 4), 4_275_878_552],
  ['s32', hexOf((b) => b.writeInt32BE(-19_088_744), 4), -19_088_744],
  ['u64', hexOf((b) => b.writeBigUInt64BE(9_007_199_254_740_993n), 8), '9007199254740993'],
  ['u64', hexOf((b) => b.writeBigUInt64BE(18_446_744_073_709_551_615n), 8), '18446744073709551615'],
  ['u64', hexOf((b) => b.writeBigUInt64BE(4_294_967_296n), 8), 4_294_967_296],
  ['s64', hexOf((b) => b.writeBigInt64BE(-9_007_199_254_740_993n), 8), '-9007199254740993'],
  ['f16', '3e00', 1.5],
  ['f32', hexOf((b) => b.writeFloatBE(230.2), 4), 230.2],
  ['f64', hexOf((b) => b.writeDoubleBE(-1.0e-7), 8), -1.0e-7],
  ['bcd16', '1234', 1_234],
  ['bcd24', '00123456', 123_456],
  ['bcd32', '12345678', 12_345_678],
  ['bcd48', '123456789012', 123_456_789_012],
];

describe('decode, every type in every order', () => {
  it.each(values.flatMap(([type, hex, value]) => orders.map((order) => [type, order, hex, value] as const)))(
    '%s %s of %s',
    async (type, order, hex, value) => {
      const { code, document } = await decode('--type', type, '--order', order, '--words', wordsOf(hex, order));
      expect([code, document['value']]).toEqual([0, value]);
    },
  );

  it.each([
    ['bit', '0001', true],
    ['bit', '0000', false],
    ['u8', '12c8', 200],
    ['s8', '12fe', -2],
  ])('%s of %s', async (type, words, value) => {
    expect((await decode('--type', type, '--words', words)).document['value']).toBe(value);
  });

  it.each([
    ['ascii', '4142,4300', 'ABC'],
    ['utf8', 'e6b0,b400', '水'],
    ['gb18030', 'cbae,b1c3', '水泵'],
  ])('string in %s', async (encoding, words, value) => {
    expect((await decode('--type', 'string', '--encoding', encoding, '--words', words)).document['value']).toBe(value);
  });

  it('scales, shifts and rounds exactly', async () => {
    const { document } = await decode('--type', 'u16', '--words', '0901', '--scale', '0.1', '--offset', '-40', '--round', '1');
    expect(document['value']).toBe(190.5);
  });
});

describe('decode says why and never a number', () => {
  it.each([
    ['NaN', ['--type', 'f32', '--words', '7fc0,0000'], 'not-a-number'],
    ['infinity', ['--type', 'f32', '--words', '7f80,0000'], 'not-a-number'],
    ['NaN of 64 bits', ['--type', 'f64', '--words', '7ff8,0000,0000,0000'], 'not-a-number'],
    ['infinity of 16 bits', ['--type', 'f16', '--words', '7c00'], 'not-a-number'],
    ['a BCD digit above 9', ['--type', 'bcd16', '--words', '12a4'], 'not-a-number'],
    ['too few words', ['--type', 'f32', '--words', '4366'], 'too-short'],
    ['too many words', ['--type', 'u16', '--words', '4366,3334'], 'too-long'],
    ['text of another encoding', ['--type', 'string', '--encoding', 'utf8', '--words', 'cbae,b1c3'], 'invalid-value'],
    ['a scale past every double', ['--type', 'f64', '--words', '7fef,ffff,ffff,ffff', '--scale', '10'], 'not-a-number'],
  ])('%s', async (_name, args, reason) => {
    const { code, document } = await decode(...args);
    expect([code, document['reason'], 'value' in document]).toEqual([2, reason, false]);
    const { zh, en } = document['error'] as { zh: string; en: string };
    expect(zh).toMatch(/请.+。/);
    expect(en).toMatch(/^[A-Za-z0-9]+ .*\./);
  });

  it.each([
    [['--type', 'u16', '--words', '10000']],
    [['--type', 'u16', '--words', 'xyz']],
    [['--type', 'u16', '--words', ' ']],
    [['--type', 'u16', '--words', '1', '--scale', 'Infinity']],
    [['--type', 'u16', '--words', '1', '--round', '1.5']],
    [['--type', 'u17', '--words', '1']],
    [['--type', 'u16']],
    [[]],
  ])('%j is no command line', async (args) => {
    const { code, document } = await decode(...args);
    expect([code, Object.keys(document)]).toEqual([1, ['schema', 'error']]);
  });
});

const profiles = new URL('../../../device-profiles/', import.meta.url).pathname;

describe('decode with a profile', () => {
  it('registers become points with value, unit and quality', async () => {
    const args = ['--profile', `${profiles}chint/ddsu666.yaml`, '--table', 'input', '--start', '0x2000', '--words', '4366,3334'];
    const { code, document } = await decode(...args);
    expect([code, document['points']]).toEqual([0, [{ point: 'voltage', value: 230.2, unit: 'V', quality: 'good' }]]);
  });

  it('a value out of its range is bad, and says why', async () => {
    const args = ['--profile', `${profiles}generic/rs-ws.yaml`, '--start', '0', '--words', 'ffff,00f0'];
    const { document } = await decode(...args);
    expect(document['points']).toContainEqual({
      point: 'humidity',
      value: expect.anything(),
      unit: '%RH',
      quality: 'bad',
      reason: 'out-of-range',
    });
  });

  it('a message becomes points and events', async () => {
    const alarm = await decode(
      '--profile',
      `${profiles}heiman/hs1sa-e.yaml`,
      '--topic',
      'zigbee2mqtt/smoke-1',
      '--payload',
      '{"smoke":true,"battery":80}',
    );
    expect([alarm.code, alarm.document['points']]).toEqual([
      0,
      expect.arrayContaining([expect.objectContaining({ point: 'smoke', value: true, quality: 'good' })]),
    ]);
  });

  it.each([
    ['a profile that is not there', ['--profile', 'none.yaml', '--start', '0', '--words', '1'], 2],
    ['a topic of nobody', ['--profile', `${profiles}heiman/hs1sa-e.yaml`, '--topic', 'a/b/c/d', '--payload', '{}'], 2],
    [
      'a payload file that is not there',
      ['--profile', `${profiles}heiman/hs1sa-e.yaml`, '--topic', 'zigbee2mqtt/x', '--payload', '@none.json'],
      2,
    ],
    [
      'a payload that is no JSON',
      ['--profile', `${profiles}heiman/hs1sa-e.yaml`, '--topic', 'zigbee2mqtt/x', '--payload', 'x'],
      2,
    ],
    ['registers with no point', ['--profile', `${profiles}chint/ddsu666.yaml`, '--start', '9', '--words', '1'], 2],
    [
      'registers of a device that sends messages',
      ['--profile', `${profiles}heiman/hs1sa-e.yaml`, '--start', '0', '--words', '1'],
      1,
    ],
    ['a message of a device that is asked', ['--profile', `${profiles}chint/ddsu666.yaml`, '--payload', '{}'], 1],
    ['an address past the end', ['--profile', `${profiles}chint/ddsu666.yaml`, '--start', '0x10000', '--words', '1'], 1],
  ])('%s: a sentence', async (_name, args, exitCode) => {
    const { code, document } = await decode(...args);
    expect(code).toBe(exitCode);
    expect(document['error']).toMatchObject({ zh: expect.stringMatching(/[。/]|--help/), en: expect.stringMatching(/\w+ \w+/) });
    expect('points' in document).toBe(false);
  });
});
