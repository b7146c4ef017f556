import { describe, expect, it } from 'vitest';
import { TestDevice, day, hour, minute } from './device.ts';

const alarmsOf = (device: TestDevice) => device.said.filter((line) => line.includes(' '));

describe('a value that stands still', () => {
  const stuck = () =>
    new TestDevice({
      points: { p: {}, q: {} },
      availability: { offlineAfter: '2d' },
      alarms: { stuck: { point: 'p', stuck: '1d' }, low: { point: 'p', below: 0, clear: 1 } },
    });

  it('raises when good readings came for so long and all were the same, and clears with the next other one', () => {
    const device = stuck();
    for (let h = 0; h < 24; h++) {
      device.say({ p: 7 });
      device.wait(hour);
    }
    expect(alarmsOf(device)).toEqual([]);
    device.say({ p: 7 });
    expect(alarmsOf(device)).toEqual(['stuck raised 1 stuck']);
    device.wait(hour).say({ p: 7.1 });
    expect(alarmsOf(device).slice(1)).toEqual(['stuck cleared 1 moved-again']);
  });

  it('is not good while it does: it raises and clears nothing else, and moves again with a good one', () => {
    const device = stuck();
    device.say({ p: 7 });
    device.wait(day);
    expect(device.say({ p: 7 }).readings).toMatchObject([{ quality: 'uncertain', reason: 'stuck', value: 7 }]);
    expect(device.say({ p: -3, q: 1 }).readings).toMatchObject([{ quality: 'good' }, { quality: 'good' }]);
    expect(alarmsOf(device)).toEqual(['stuck raised 1 stuck', 'stuck cleared 1 moved-again', 'low raised 1 below-limit']);
  });

  it('is no matter of silence: where nothing comes, nothing stands still', () => {
    const device = stuck();
    device.say({ p: 7 });
    device.wait(3 * day);
    expect(alarmsOf(device)).toEqual(['offline raised 1 silent']);
  });

  it('survives a restart, and writes nothing down for a value that keeps moving', () => {
    const device = stuck();
    device.say({ p: 0 });
    for (let i = 1; i < 100; i++) {
      device.wait(minute);
      expect(device.say({ p: i % 2 }).moved).toBe(false);
    }
    const since = device.mono;
    for (let h = 0; h < 20; h++) device.wait(hour).say({ p: 1 });
    device.restart();
    for (let h = 20; h < 24; h++) device.wait(hour).say({ p: 1 });
    expect(alarmsOf(device)).toEqual(['stuck raised 1 stuck']);
    expect(device.mono - since).toBe(day);
    device.restart().say({ p: 2 });
    expect(alarmsOf(device).at(-1)).toBe('stuck cleared 1 moved-again');
  });

  it('is another value after a restart: the watch begins anew', () => {
    const device = stuck();
    device.say({ p: 1 });
    device.wait(20 * hour).say({ p: 1 });
    device.restart().say({ p: 2 });
    device.wait(5 * hour).say({ p: 2 });
    expect(alarmsOf(device)).toEqual([]);
  });

  it('a bad reading in between changes nothing', () => {
    const device = stuck();
    device.say({ p: 7 });
    device.wait(12 * hour).say({ p: null });
    device.wait(12 * hour).say({ p: 7 });
    expect(alarmsOf(device)).toEqual(['stuck raised 1 stuck']);
  });
});

describe('a value that jumps', () => {
  it('is a moment: raised and cleared at once, and the next jump is another episode', () => {
    const device = new TestDevice({ points: { p: {} }, alarms: { jump: { point: 'p', step: 10, latch: 'until-ack' } } });
    for (const p of [5, 15, 26, 26, 14]) device.say({ p });
    expect(alarmsOf(device)).toEqual([
      'jump raised 1 stepped',
      'jump cleared 1 auto-clear',
      'jump raised 2 stepped',
      'jump cleared 2 auto-clear',
    ]);
  });

  it('within a time: also in small steps, up or down, and not against what is longer ago', () => {
    const device = new TestDevice({
      points: { p: {} },
      alarms: { jump: { point: 'p', step: 10, within: '10m', autoClear: '5m' } },
    });
    for (const p of [0, 3, 6, 9]) {
      device.say({ p });
      device.wait(minute);
    }
    device.say({ p: 12 });
    expect(alarmsOf(device)).toEqual(['jump raised 1 stepped']);
    device.wait(5 * minute);
    expect(alarmsOf(device).slice(1)).toEqual(['jump cleared 1 auto-clear']);
    const slow = new TestDevice({ points: { p: {} }, alarms: { jump: { point: 'p', step: 10, within: '10m' } } });
    for (const p of [0, 4, 8, 12, 16, 20]) {
      slow.say({ p });
      slow.wait(5 * minute);
    }
    expect(alarmsOf(slow)).toEqual([]);
    slow.say({ p: 5 });
    expect(alarmsOf(slow)).toHaveLength(2);
  });

  it('further steps keep it raised; bad and other readings are no step', () => {
    const device = new TestDevice({ points: { p: {} }, alarms: { jump: { point: 'p', step: 10, autoClear: '5m' } } });
    device.say({ p: 0 });
    device.say({ p: null });
    device.say({ p: 'E' });
    device.say({ p: 11 });
    device.wait(4 * minute).say({ p: 30 });
    device.wait(4 * minute);
    expect(alarmsOf(device)).toEqual(['jump raised 1 stepped']);
    device.wait(minute);
    expect(alarmsOf(device)).toHaveLength(2);
  });

  it('a window of a day, read each second, stays small', () => {
    const device = new TestDevice({ points: { p: {} }, alarms: { jump: { point: 'p', step: 1000, within: '1h' } } });
    for (let s = 0; s < 3 * 3600; s += 5) {
      device.say({ p: s % 97 });
      device.mono += 5_000;
    }
    expect(device.state.jumps['jump']?.length).toBeLessThanOrEqual(33);
  });
});

describe('a rule that counts', () => {
  it('raises when the condition was entered so often within so long', () => {
    const device = new TestDevice({
      points: { fault: {} },
      alarms: { again: { point: 'fault', is: true, repeat: { times: 3, within: '1d' } } },
    });
    for (const fault of [true, true, false, true, false]) {
      device.say({ fault });
      device.wait(hour);
    }
    expect(alarmsOf(device)).toEqual([]);
    device.say({ fault: true });
    expect(device.last?.transitions[0]?.reason).toEqual({ code: 'repeated', times: 3 });
    device.say({ fault: false });
    expect(alarmsOf(device)).toEqual(['again raised 1 repeated', 'again cleared 1 state-left']);
  });

  it('forgets what is longer ago, and not what was before a restart', () => {
    const device = new TestDevice({
      points: { fault: {} },
      alarms: { again: { point: 'fault', is: true, repeat: { times: 3, within: '1h' } } },
    });
    const enter = () => {
      device.say({ fault: true });
      device.say({ fault: false });
    };
    enter();
    device.wait(50 * minute);
    enter();
    device.wait(11 * minute);
    enter();
    expect(alarmsOf(device)).toEqual([]);
    device.restart();
    enter();
    expect(alarmsOf(device)).toEqual(['again raised 1 repeated', 'again cleared 1 state-left']);
  });

  it('a restart while it holds is no new entry', () => {
    const device = new TestDevice({
      points: { fault: {} },
      alarms: { again: { point: 'fault', is: true, repeat: { times: 2, within: '1h' } } },
    });
    device.say({ fault: true });
    device.restart().say({ fault: true });
    expect(alarmsOf(device)).toEqual([]);
  });

  it('within the band between limit and clear is neither in nor out', () => {
    const device = new TestDevice({
      points: { p: {} },
      alarms: { again: { point: 'p', above: 40, clear: 30, repeat: { times: 2, within: '1h' } } },
    });
    for (const p of [41, 35, 42, 35]) device.say({ p });
    expect(alarmsOf(device)).toEqual([]);
    for (const p of [30, 41]) device.say({ p });
    expect(alarmsOf(device)).toEqual(['again raised 1 repeated']);
  });

  it('counts events each time they come', () => {
    const device = new TestDevice({
      events: { fault: { zh: '故障' } },
      alarms: { again: { event: 'fault', repeat: { times: 3, within: '1d' } } },
    });
    for (let i = 0; i < 4; i++) {
      device.event('fault');
      device.wait(hour);
    }
    expect(alarmsOf(device)).toEqual([
      'again raised 1 repeated',
      'again cleared 1 auto-clear',
      'again raised 2 repeated',
      'again cleared 2 auto-clear',
    ]);
  });

  it('asks nothing of the clockwork while it is short of entries', () => {
    const device = new TestDevice({
      points: { fault: {} },
      alarms: { again: { point: 'fault', is: true, repeat: { times: 3, within: '1d' } } },
    });
    expect(device.say({ fault: true }).dueMs).toBe(day);
  });
});

describe('one of several values', () => {
  it('raises with each and clears with any other', () => {
    const device = new TestDevice({
      points: { state: { kind: 'text' } },
      alarms: { bad: { point: 'state', is: ['fault', 'lost'] } },
    });
    for (const state of ['fault', 'lost', 'ok', 'lost']) device.say({ state });
    expect(alarmsOf(device)).toEqual(['bad raised 1 state-entered', 'bad cleared 1 state-left', 'bad raised 2 state-entered']);
  });
});

describe('a device under test', () => {
  const smoke = { smoke: { point: 'smoke', is: true, hazard: 'fire' } };
  const byPoint = () => new TestDevice({ points: { smoke: {}, test: {} }, testMode: { point: 'test', is: true }, alarms: smoke });

  it('says so of everything it raises, and of its end', () => {
    const device = byPoint();
    device.say({ test: true });
    device.say({ smoke: true });
    device.say({ smoke: false });
    device.say({ test: false });
    device.say({ smoke: true });
    expect(alarmsOf(device)).toEqual([
      'smoke raised 1 state-entered test',
      'smoke cleared 1 state-left test',
      'smoke raised 2 state-entered',
    ]);
  });

  it('that is still in alarm when the test ends was in no test', () => {
    const device = byPoint();
    device.say({ test: true, smoke: true });
    device.restart().say({ test: false });
    expect(alarmsOf(device)).toEqual(['smoke raised 1 state-entered test', 'smoke changed 1 test-over']);
    device.say({ smoke: false });
    expect(alarmsOf(device).at(-1)).toBe('smoke cleared 1 state-left');
  });

  it('whose alarm and test end in one message ends both quietly', () => {
    const device = byPoint();
    device.say({ test: true, smoke: true });
    device.say({ test: false, smoke: false });
    expect(alarmsOf(device)).toEqual(['smoke raised 1 state-entered test', 'smoke cleared 1 state-left test']);
  });

  it('leaves what was real before as it was', () => {
    const device = byPoint();
    device.say({ smoke: true });
    device.say({ test: true });
    device.say({ smoke: false });
    expect(alarmsOf(device)).toEqual(['smoke raised 1 state-entered', 'smoke cleared 1 state-left']);
  });

  it('for longer than a day is forgotten there: its alarms count again until it has left and come back', () => {
    const device = byPoint();
    device.say({ test: true, smoke: true });
    for (let h = 0; h < 24; h++) device.wait(hour).say({ test: true });
    expect(alarmsOf(device)).toEqual(['smoke raised 1 state-entered test', 'smoke changed 1 test-over']);
    device.say({ smoke: false });
    device.say({ test: true, smoke: true });
    expect(alarmsOf(device).at(-1)).toBe('smoke raised 2 state-entered');
    device.say({ test: false, smoke: false });
    device.say({ test: true });
    device.say({ smoke: true });
    expect(alarmsOf(device).at(-1)).toBe('smoke raised 3 state-entered test');
  });

  it('by an event, until the event that ends it, or for as long as its profile says', () => {
    const events = { testing: { zh: '测试' }, 'test-end': { zh: '结束' } };
    const paired = new TestDevice({
      events,
      points: { smoke: {} },
      testMode: { event: 'testing', clearEvent: 'test-end' },
      alarms: smoke,
    });
    paired.event('testing');
    paired.wait(hour).say({ smoke: true });
    paired.event('test-end');
    expect(alarmsOf(paired)).toEqual(['smoke raised 1 state-entered test', 'smoke changed 1 test-over']);
    const timed = new TestDevice({ events, points: { smoke: {} }, testMode: { event: 'testing', for: '10m' }, alarms: smoke });
    timed.event('testing');
    timed.wait(9 * minute).say({ smoke: true });
    timed.say({ smoke: false });
    timed.wait(minute).say({ smoke: true });
    expect(alarmsOf(timed)).toEqual([
      'smoke raised 1 state-entered test',
      'smoke cleared 1 state-left test',
      'smoke raised 2 state-entered',
    ]);
  });

  it('that cannot be heard is no test', () => {
    const device = new TestDevice({
      points: { test: {} },
      testMode: { point: 'test', is: true },
      availability: { offlineAfter: '1h' },
    });
    device.say({ test: true });
    device.wait(hour);
    expect(alarmsOf(device)).toEqual(['offline raised 1 silent']);
  });

  it('a moment in a test is a test from its beginning to its end', () => {
    const device = new TestDevice({
      events: { forced: { zh: '强开' } },
      points: { test: {} },
      testMode: { point: 'test', is: true },
      alarms: { forced: { event: 'forced' } },
    });
    device.say({ test: true });
    device.event('forced');
    expect(alarmsOf(device)).toEqual(['forced raised 1 event test', 'forced cleared 1 auto-clear test']);
  });
});

describe('availability', () => {
  it('of a heartbeat bit: a device that answers and whose heart stands still is not there', () => {
    const device = new TestDevice({
      points: { bit: {} },
      availability: { offlineAfter: '1h', beat: { point: 'bit', within: '10s' } },
    });
    for (let s = 0; s < 20; s += 2) {
      device.say({ bit: s % 4 === 0 });
      device.wait(2_000);
    }
    expect(device.said).toEqual(['online']);
    for (let s = 0; s < 20; s += 2) {
      device.say({ bit: true });
      device.wait(2_000);
    }
    expect(device.said.slice(1)).toEqual(['offline raised 1 silent', 'offline']);
    device.say({ bit: false });
    expect(device.said.slice(3)).toEqual(['offline cleared 1 heard-again', 'online']);
  });

  it('of a heartbeat bit that cannot be read: lost after its time', () => {
    const device = new TestDevice({
      points: { bit: {} },
      availability: { offlineAfter: '1h', beat: { point: 'bit', within: '10s' } },
    });
    for (let s = 0; s < 12; s += 2) {
      device.say({ bit: null });
      device.wait(2_000);
    }
    expect(device.said.at(-1)).toBe('offline');
  });

  it('of a device that is expected every so often: late after two and a half of them', () => {
    const device = new TestDevice({ availability: { offlineAfter: '1d', expectEvery: '10m' } });
    device.hear({});
    device.wait(24 * minute);
    expect(device.said).toEqual(['online']);
    device.wait(minute);
    expect(device.said).toEqual(['online', 'late']);
  });

  it('of a fire detector: lost after 25 hours, whatever its profile says', () => {
    const device = new TestDevice({ category: 'fire.smoke', availability: { offlineAfter: '7d' } });
    device.hear({});
    device.wait(25 * hour - 1);
    expect(device.said).toEqual(['online']);
    device.wait(1);
    expect(device.said.at(-1)).toBe('offline');
  });

  it('of what a broker had kept, or of a channel that does not count: no sign of life', () => {
    const device = new TestDevice({ availability: { offlineAfter: '1h' } });
    device.hear({ isQuiet: true });
    device.wait(hour);
    expect(device.said.at(-1)).toBe('offline');
    device.hear({ isQuiet: true });
    expect(device.said.at(-1)).toBe('offline');
  });
});

describe('a clock of a device', () => {
  const device = () => new TestDevice({ points: { p: {} }, time: { from: '$.t', format: 'unix-s', maxSkew: '5m' } });
  const told = (one: TestDevice) => one.events.map(({ type, data }) => [type, data?.['skewMs']]);
  const at = (one: TestDevice, skewMs: number, more = {}) =>
    one.say({ p: 1 }, { deviceAt: Date.UTC(2026, 0, 1) + one.mono + skewMs, ...more });

  it('that is too far from ours is told once, and once that it is right again', () => {
    const one = device();
    for (const skewMs of [0, 299_000, 301_000, 305_000, 299_000, 271_000, 269_000, 0]) at(one, skewMs);
    expect(told(one)).toEqual([
      ['clock.wrong', 301_000],
      ['clock.right', 269_000],
    ]);
  });

  it('behind is as wrong as ahead, and a restart does not tell it again', () => {
    const one = device();
    at(one, -400_000);
    expect(one.state.skewMs).toBe(-400_000);
    one.restart();
    at(one, -400_000);
    expect(told(one)).toEqual([['clock.wrong', -400_000]]);
  });

  it('is not judged by what was kept and came later, nor while we do not know the time', () => {
    const one = device();
    at(one, -86_400_000, { historical: true });
    one.hear({
      readings: [{ point: 'p', value: 1, quality: 'good', at: 5_000, deviceAt: Date.UTC(2026, 0, 1) }],
      events: [],
      isUntimed: true,
    });
    expect([told(one), one.state.skewMs]).toEqual([[], null]);
  });

  it('of a network that holds messages back is not wrong for being behind', () => {
    const one = new TestDevice({ points: { p: {} }, time: { from: '$.t', format: 'unix-s', maxSkew: '5m', trust: 'network' } });
    at(one, -3_600_000);
    at(one, 3_600_000);
    expect(told(one)).toEqual([['clock.wrong', 3_600_000]]);
  });
});
