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

  it('says which port and what refused it', () => {
    expect(diagnose({ ...silent, port: { wire: 'down', reason: { zh: '找不到。', en: 'No port.' } } }).en).toContain('No port.');
    expect(diagnose({ ...silent, ...exchange('refused') }).en).toContain('exception 2');
  });
});
