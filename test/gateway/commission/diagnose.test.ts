import { describe, expect, it } from 'vitest';
import { type Cause, diagnose, type Evidence } from '../../../gateway/commission/diagnose.ts';

const silent: Evidence = {
  device: 'meter-1',
  driver: 'line',
  isPolled: true,
  port: { wire: 'up' },
  heardAt: null,
  failures: 3,
  availability: 'unknown',
  exchanges: [],
  names: [],
  now: 1_000_000,
};
const asked = '01 04 20 00 00 02 7b cb';
const exchange = (ending: NonNullable<Evidence['exchanges'][number]['ending']>, heard?: string) => ({
  exchanges: [
    { at: 999_000, sent: asked, ending, note: { zh: '设备拒绝：异常 2。', en: 'exception 2.' }, ...(heard && { heard }) },
  ],
});
const broker = { isPolled: false, driver: 'mqtt', failures: 0, names: ['smoke-7'] };

const cases: [Cause, Partial<Evidence>][] = [
  ['port-down', { port: { wire: 'down', reason: { zh: '找不到串口。', en: 'There is no serial port.' } } }],
  ['port-opening', { port: { wire: 'connecting' } }],
  ['no-answer', exchange('timeout')],
  ['no-answer', { ...exchange('timeout'), heardAt: 900_000 }],
  ['refuses', exchange('refused', '01 84 02 c2 c1')],
  ['echo', exchange('nonsense', asked)],
  ['other-device', exchange('nonsense', '02 04 04 43 66 33 34 28 38')],
  ['garbled', exchange('nonsense', 'f8 80 e6 1e 06')],
  ['late', exchange('late', '01 04 04 43 66 33 34 1b 38')],
  ['line-lost', exchange('closed')],
  ['not-yet-asked', { failures: 0 }],
  ['speaks', { failures: 0, heardAt: 999_000, availability: 'online' }],
  ['refuses-part', { ...exchange('refused', '01 84 02 c2 c1'), failures: 0, heardAt: 999_000, availability: 'online' }],
  ['never-heard', broker],
  ['fell-silent', { ...broker, heardAt: 400_000, availability: 'offline' }],
  ['not-let-in', { ...broker, port: { wire: 'up', refused: [{ at: 1, what: 'login smoke-7', why: 'wrong secret' }] } }],
];

describe('why a device is silent', () => {
  it.each(cases)('%s', (cause, evidence) => {
    const diagnosis = diagnose({ ...silent, ...evidence });
    expect(diagnosis.cause).toBe(cause);
    for (const text of [diagnosis, diagnosis.next]) {
      expect(text.zh).toMatch(/\p{Script=Han}.*[。？]$/u);
      expect(text.en).toMatch(/[.?]$/);
    }
  });

  it('a merged read that was only taken apart is no refusal: what began at the same register came', () => {
    const then = (sent: string, ending: 'answered' | 'refused') => ({ at: 999_500, sent, ending });
    const speaking = { failures: 0, heardAt: 999_900, availability: 'online' } as const;
    const of = (driver: string, ...exchanges: Evidence['exchanges']) =>
      diagnose({ ...silent, ...speaking, driver, exchanges }).cause;
    const whole = '01 04 20 00 00 10 fa ac';
    expect(of('line', then(whole, 'refused'), then(asked, 'answered'))).toBe('speaks');
    expect(of('line', then(asked, 'answered'), then(whole, 'refused'))).toBe('refuses-part');
    expect(of('line', then(whole, 'refused'), then('01 04 20 02 00 02 db 61', 'answered'))).toBe('refuses-part');
    expect(of('modbus', then('00 01 00 00 00 06 01 04 20 00 00 02', 'refused'))).toBe('refuses-part');
    const again = then('00 02 00 00 00 06 01 04 20 00 00 01', 'answered');
    expect(of('modbus', then('00 01 00 00 00 06 01 04 20 00 00 02', 'refused'), again)).toBe('speaks');
    // A meter of another protocol says item by item what it has not, and is asked otherwise from then on.
    expect(of('line', then('68 90 78 56 34 12 00 68 11 04 33 33 33 33 55 16', 'refused'))).toBe('speaks');
  });

  it('says which port and what refused it', () => {
    expect(diagnose({ ...silent, port: { wire: 'down', reason: { zh: '找不到。', en: 'No port.' } } }).en).toContain('No port.');
    expect(diagnose({ ...silent, ...exchange('refused') }).en).toContain('exception 2');
  });
});
