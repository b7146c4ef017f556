import { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { DeviceEvent, Reading, Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import { type Evaluated, type Heard, evaluate, tick } from '../../../gateway/evaluate/evaluate.ts';
import { compileRules } from '../../../gateway/evaluate/rules.ts';
import { type DeviceState, SavedState, freshState } from '../../../gateway/evaluate/state.ts';

/** What of a profile matters to rules, as an author writes it. */
export interface Written {
  readonly category?: string;
  readonly points?: Record<string, object>;
  readonly alarms?: Record<string, object>;
  readonly availability?: object;
  readonly testMode?: object;
  readonly time?: object;
  readonly events?: Record<string, object>;
}

export function profileOf({
  category = 'other',
  points = {},
  availability = { offlineAfter: '1d' },
  alarms = {},
  ...rest
}: Written): Profile {
  const name = { zh: '测试', en: 'test' };
  return Profile.parse({
    schema: 'yihu-profile/1',
    id: 'test.device',
    version: '1.0.0',
    name,
    maker: name,
    model: 'm',
    category,
    sources: ['made for this test'],
    confidence: 'normalised',
    transport: { protocol: 'mqtt' },
    availability,
    points: Object.fromEntries(Object.entries(points).map(([id, point]) => [id, { name, ...point }])),
    alarms: Object.fromEntries(
      Object.entries(alarms).map(([id, alarm]) => [id, { name, severity: 'major', hazard: 'equipment', ...alarm }]),
    ),
    vectors: [{ name: 'none', origin: 'synthetic', given: { channel: 'up', text: '' } }],
    ...rest,
  });
}

/** One device on a clock turned by hand. */
export class TestDevice {
  mono = 0;
  readonly said: string[] = [];
  readonly events: DeviceEvent[] = [];
  state: DeviceState;
  last: Evaluated | null = null;
  readonly #profile: Profile;

  constructor(written: Written) {
    this.#profile = profileOf(written);
    this.state = freshState(0);
  }

  get rules() {
    return compileRules(this.#profile);
  }

  hear(heard: Partial<Heard>): Evaluated {
    return this.#take(evaluate(this.rules, this.state, { readings: [], events: [], ...heard }, this.#moment()));
  }

  /** Good readings; null: a bad one. */
  say(values: Record<string, Value>, more: Partial<Reading> = {}): Evaluated {
    const readings = Object.entries(values).map(([point, value]): Reading =>
      value === null
        ? { point, value, quality: 'bad', reason: 'no-answer', at: this.#wall() }
        : { point, value, quality: 'good', at: this.#wall(), ...more },
    );
    return this.hear({ readings });
  }

  event(type: string): Evaluated {
    return this.hear({ events: [{ type, at: this.#wall() }] });
  }

  /** Time goes by; the clockwork looks when it is due, and at the end. */
  wait(ms: number): this {
    const end = this.mono + ms;
    for (let due = this.last?.dueMs ?? null; due !== null && due <= end;) {
      this.mono = Math.max(this.mono, due);
      const { dueMs } = this.#take(tick(this.rules, this.state, this.#moment()));
      due = dueMs !== null && dueMs <= this.mono ? null : dueMs;
    }
    this.mono = end;
    this.#take(tick(this.rules, this.state, this.#moment()));
    return this;
  }

  /** Only what was written down is left. */
  restart(): this {
    this.state = freshState(this.mono, SavedState.parse(JSON.parse(JSON.stringify(this.state.saved))));
    return this;
  }

  #take(result: Evaluated): Evaluated {
    this.state = result.state;
    this.last = result;
    this.events.push(...result.events);
    for (const { alarm, kind, episode, reason, test } of result.transitions)
      this.said.push(`${alarm} ${kind} ${episode} ${reason.code}${test ? ' test' : ''}`);
    if (result.availability) this.said.push(result.availability);
    return result;
  }

  #wall(): number {
    return Date.UTC(2026, 0, 1) + this.mono;
  }

  #moment() {
    return { at: this.#wall(), mono: this.mono };
  }
}

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;
