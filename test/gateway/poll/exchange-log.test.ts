import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Exchanged, ExchangeLog, endings } from '../../../gateway/collect/poll/exchange-log.ts';

const exchanged = fc.record({
  at: fc.integer({ min: 0, max: 2 ** 41 }),
  tookMs: fc.integer({ min: 0, max: 60_000 }),
  ending: fc.constantFrom(...endings),
  sent: fc.uint8Array({ maxLength: 700 }),
  heard: fc.uint8Array({ maxLength: 1_400 }),
});

const hex = (bytes: Uint8Array) =>
  bytes.length === 0
    ? undefined
    : Buffer.from(bytes.subarray(0, 600))
        .toString('hex')
        .replaceAll(/..(?=.)/g, '$& ');

describe('the last exchanges with a device', () => {
  it('are given back as they were, oldest first, at most sixteen of them, whatever their sizes', () => {
    fc.assert(
      fc.property(fc.array(exchanged, { maxLength: 60 }), (all) => {
        const log = new ExchangeLog();
        for (const one of all) log.add(one);
        const kept = log.list();
        expect(kept.length).toBeLessThanOrEqual(16);
        expect(kept.length).toBeGreaterThanOrEqual(Math.min(1, all.length));
        const last = all.slice(all.length - kept.length);
        expect(kept.map(({ at, sent, heard, tookMs }) => [at, sent, heard, tookMs])).toEqual(
          last.map(({ at, sent, heard, tookMs }) => [at, hex(sent), hex(heard), tookMs]),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('keeps sixteen of the size that polls have', () => {
    const log = new ExchangeLog();
    const one: Exchanged = { at: 0, tookMs: 1, ending: 'answered', sent: new Uint8Array(12), heard: new Uint8Array(49) };
    for (let at = 0; at < 1_000; at += 1) log.add({ ...one, at });
    expect(log.list().map(({ at }) => at)).toEqual(Array.from({ length: 16 }, (_, i) => 984 + i));
  });

  it('shows no byte of a password, and says so', () => {
    const log = new ExchangeLog();
    log.add({ at: 0, tookMs: 1, ending: 'answered', sent: Buffer.from('secret'), heard: Buffer.from('answer'), isSecret: true });
    expect(log.list()[0]).toEqual({
      at: 0,
      tookMs: 1,
      ending: 'answered',
      note: { zh: '正常应答。含口令，字节不显示。', en: 'Answered. Its bytes hold a password and are not shown.' },
    });
  });

  it('says in both languages what each ending means', () => {
    for (const ending of endings) {
      const log = new ExchangeLog();
      log.add({ at: 0, tookMs: 1, ending, sent: new Uint8Array(1), heard: new Uint8Array(700), detail: '500 ms' });
      const note = log.list()[0]?.note;
      expect(note?.zh).toMatch(/[一-鿿].*。只显示前一部分。$/);
      expect(note?.en).toMatch(/\. Only the beginning is shown\.$/);
    }
  });
});
