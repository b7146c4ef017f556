import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import { describe, expect, it, test } from 'vitest';
import type { Keep } from '../../../gateway/collect/driver.ts';
import { Intake } from '../../../gateway/collect/http-event/intake.ts';
import { limits } from '../../../gateway/collect/http-event/limits.ts';
import { HandClock } from '../../hand-clock.ts';
import { acsEvent, device, profileOf, quiet, terminal } from './rig.ts';

const door = device('door-1', terminal, { host: '127.0.0.1' });

/** An intake whose disk is the test's. */
function rig(memory = new Map<string, string>(), clock = new HandClock()) {
  const calls: { frames: readonly Frame[]; settle: (error?: Error) => void }[] = [];
  let isHeld = false;
  const emit = (frames: readonly Frame[], keep: Keep = []) =>
    new Promise<void>((resolve, reject) => {
      const settle = (error?: Error) => {
        if (error) return reject(error);
        for (const [key, json] of keep) memory.set(key, json ?? '');
        resolve();
      };
      calls.push({ frames, settle });
      if (!isHeld) settle();
    });
  const intake = new Intake({ devices: [door, plain], clock, log: quiet, emit, report: () => undefined, kept: memory });
  return { intake, calls, memory, clock, hold: () => (isHeld = true) };
}

const plain = device('plain-1', profileOf({ listen: { event: { path: '/{key}' } } }, { dedupe: { key: ['$.n'], window: '3s' } }));
const take = (intake: Intake, ...serials: number[]) =>
  intake.take({ device: door, channel: 'event', messages: serials.map((serial) => acsEvent(serial)) });
const outcome = (taken: Promise<number>) =>
  taken.then(
    (news) => news,
    () => 'refused',
  );

describe('the same message again', () => {
  it('while the first is on its way to the disk shares its fate', async () => {
    const { intake, calls, hold } = rig();
    hold();
    const lost = [outcome(take(intake, 7)), outcome(take(intake, 7))];
    expect(calls).toHaveLength(1);
    calls[0]?.settle(new Error('disk full'));
    expect(await Promise.all(lost)).toEqual(['refused', 'refused']);
    const kept = [outcome(take(intake, 7)), outcome(take(intake, 7))];
    expect(calls).toHaveLength(2);
    calls[1]?.settle();
    expect(await Promise.all(kept)).toEqual([1, 0]);
  });

  it('in one delivery, or after a restart, is taken once', async () => {
    const first = rig();
    expect(await take(first.intake, 7, 7, 8)).toBe(2);
    const second = rig(first.memory);
    expect(await take(second.intake, 8, 9)).toBe(1);
    expect(second.calls[0]?.frames.map(({ body }) => body.kind === 'fields' && body.fields)).toEqual([acsEvent(9)]);
  });

  it('is known across a restart as far as the newest few, and then taken again rather than lost', async () => {
    const first = rig();
    const many = Array.from({ length: limits.keptKeys + 5 }, (_, index) => index + 1);
    await take(first.intake, ...many);
    const second = rig(first.memory);
    expect(await take(second.intake, ...many)).toBe(5);
  });

  it('with another time is another event: a device that counts anew is heard', async () => {
    const { intake } = rig();
    await take(intake, 5);
    const later = { ...acsEvent(5), dateTime: '2026-02-01T08:00:05+08:00' };
    expect(await intake.take({ device: door, channel: 'event', messages: [later] })).toBe(1);
    // The same moment in another zone is the same.
    const elsewhere = { ...acsEvent(5), dateTime: '2026-02-01T01:00:05+01:00' };
    expect(await intake.take({ device: door, channel: 'history', messages: [elsewhere] })).toBe(0);
  });

  it('counts from the first, so that a camera’s repeats keep its alarm standing', async () => {
    const { intake, clock, memory } = rig();
    const say = () => intake.take({ device: plain, channel: 'event', messages: [{ n: 1 }] });
    const taken: number[] = [];
    for (let second = 0; second < 7; second++) {
      taken.push(await say());
      await clock.advance(1_000);
    }
    expect(taken).toEqual([1, 0, 0, 1, 0, 0, 1]);
    expect([...memory.keys()]).toEqual([]);
  });

  it('is remembered for so many messages and no more', async () => {
    const { intake } = rig();
    const many = Array.from({ length: limits.seenKeys + 1 }, (_, index) => index + 1);
    for (const serial of many) await take(intake, serial);
    expect(await take(intake, many.at(-1) as number)).toBe(0);
    expect(await take(intake, 1)).toBe(1);
  });

  it('what was kept of it and cannot be read is forgotten', async () => {
    for (const junk of ['', 'nonsense', '{"a":1}', '[["x"]]']) {
      const { intake } = rig(
        new Map([
          ['seen/door-1', junk],
          ['serials/door-1', junk],
        ]),
      );
      expect(await take(intake, 7)).toBe(1);
    }
  });
});

describe('numbers that are missing', () => {
  it('are told of, survive a restart with the events around them, and are crossed off as they come', async () => {
    const first = rig();
    const gaps: string[] = [];
    first.intake.onGap = ({ id }) => gaps.push(id);
    await take(first.intake, 100, 101, 105);
    expect([gaps, first.intake.serials(door)?.missing]).toEqual([['door-1'], [[102, 104]]]);
    const second = rig(first.memory);
    expect(second.intake.serials(door)).toMatchObject({ last: 105, missing: [[102, 104]] });
    await take(second.intake, 103);
    expect(second.intake.serials(door)?.missing).toEqual([
      [102, 102],
      [104, 104],
    ]);
  });

  it('an event that could not be kept is one of them', async () => {
    const { intake, calls, hold, memory } = rig();
    await take(intake, 100);
    hold();
    const lost = outcome(take(intake, 101, 102));
    calls[1]?.settle(new Error('disk full'));
    expect(await lost).toBe('refused');
    expect(intake.serials(door)).toMatchObject({ last: 102, missing: [[101, 102]] });
    expect(JSON.parse(memory.get('serials/door-1') ?? '')).toMatchObject({ last: 100, missing: [] });
  });
});

test('a heartbeat is a sign of life, told once a second at most, and no message', async () => {
  const { intake, calls, clock } = rig();
  const beat = { eventType: 'videoloss', eventState: 'inactive' };
  for (let i = 0; i < 5; i++) await intake.take({ device: door, channel: 'stream', messages: [beat, beat] });
  expect(calls.map(({ frames }) => frames[0]?.body.kind)).toEqual(['alive']);
  await clock.advance(limits.heartbeatEveryMs);
  await intake.take({ device: door, channel: 'stream', messages: [beat] });
  expect(calls).toHaveLength(2);
  expect(intake.counters.read()).toMatchObject({ heartbeats: 11, messages_kept: 0 });
});
