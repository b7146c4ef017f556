import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PictureOutcome, Snapshot } from '../../../gateway/collect/driver.ts';
import { StoreError } from '../../../gateway/store/log.ts';
import { jpeg, raised, Rig } from './rig.ts';

let rig: Rig;
beforeEach(() => void (rig = new Rig()));
afterEach(() => rig.close());

const noAnswer: PictureOutcome = { missing: 'no-answer', zh: '没有应答', en: 'no answer' };
const now = () => rig.clock.now();
const ofList = async () =>
  (await rig.taken()).map(({ of, picture }) => [of.map(({ device, episode }) => `${device}/${episode}`), picture]);

describe('an alarm with a camera', () => {
  it('has its picture on disk and a record behind its own; nothing is left to do', async () => {
    await rig.start();
    await rig.commit(raised('smoke-1', 1, now()));
    await rig.turn();
    const [alarm, snapshot] = await rig.records();
    expect(alarm?.kind).toBe('alarm');
    expect(snapshot).toMatchObject({
      kind: 'snapshot',
      camera: 'cam-1',
      at: now(),
      of: [{ device: 'smoke-1', alarm: 'smoke', episode: 1 }],
      picture: { bytes: jpeg().length, type: 'image/jpeg' },
    });
    expect(rig.files()).toEqual([`${(snapshot as { id: string }).id}.jpg`]);
    expect(await rig.state('snapshot/order/')).toEqual([]);
    expect((await rig.snapshots?.blobs.next(new Set()))?.bytes).toEqual(jpeg());
  });

  it('that is only not heard, has ended, or stands where no camera looks, asks for none', async () => {
    await rig.start();
    await rig.commit(
      raised('smoke-1', 1, now(), { hazard: 'communication' }),
      raised('smoke-1', 1, now(), { kind: 'cleared' }),
      raised('smoke-9', 1, now()),
    );
    await rig.turn();
    expect([rig.asked, await rig.taken()]).toEqual([[], []]);
  });

  it('says why where there is no picture, after a second try where that is worth it', async () => {
    const answers: PictureOutcome[] = [
      noAnswer,
      noAnswer,
      { missing: 'wrong-login', zh: '密码不对', en: 'wrong password' },
      { at: now(), bytes: Buffer.from('<html>') },
      { at: now(), bytes: jpeg(1, 600_000) },
    ];
    rig.answer = () => Promise.resolve(answers.shift() ?? noAnswer);
    await rig.start();
    for (let episode = 1; episode <= 4; episode++) {
      await rig.commit(raised('smoke-1', episode, now()));
      await rig.turn(5_000);
    }
    expect(rig.asked).toHaveLength(5);
    expect((await rig.taken()).map(({ picture }) => picture)).toEqual(
      ['no-answer', 'wrong-login', 'not-a-picture', 'too-large'].map((missing) => ({ missing })),
    );
    expect(rig.troubles).toContain('wrong password');
    expect(rig.files()).toEqual([]);
    expect(await rig.state('snapshot/')).toEqual([]);
  });

  it('is tried again once, and the picture of the second try counts', async () => {
    const answers: PictureOutcome[] = [noAnswer];
    rig.answer = () => Promise.resolve(answers.shift() ?? { at: now(), bytes: jpeg() });
    await rig.start();
    await rig.commit(raised('smoke-1', 1, now()));
    await rig.turn(1_000);
    expect((await rig.taken()).map(({ picture }) => 'bytes' in picture)).toEqual([true]);
  });

  it('is kept before its camera is even asked, however slow that is', async () => {
    const slow = Promise.withResolvers<PictureOutcome>();
    rig.answer = () => slow.promise;
    await rig.start();
    await rig.commit(raised('smoke-1', 1, now()));
    await rig.turn(2_900);
    expect((await rig.records()).map(({ kind }) => kind)).toEqual(['alarm']);
    slow.resolve({ at: now(), bytes: jpeg() });
    await rig.turn();
    expect((await rig.records()).map(({ kind }) => kind)).toEqual(['alarm', 'snapshot']);
  });
});

describe('many alarms', () => {
  it('of one camera share one picture, also those that come while it is being asked and shortly after', async () => {
    const slow = Promise.withResolvers<PictureOutcome>();
    rig.answer = () => slow.promise;
    await rig.start();
    await rig.commit(raised('smoke-1', 1, now()));
    await rig.turn(100);
    await rig.commit(raised('smoke-2', 1, now()));
    slow.resolve({ at: now(), bytes: jpeg() });
    await rig.turn();
    await rig.commit(raised('smoke-1', 2, now()));
    await rig.turn(1_000);
    expect(rig.asked).toEqual(['cam-1']);
    expect((await ofList()).map(([of]) => of)).toEqual([['smoke-1/1', 'smoke-2/1'], ['smoke-1/2']]);
    expect(new Set((await rig.taken()).map(({ id }) => id)).size).toBe(1);
    expect(rig.files()).toHaveLength(1);
    await rig.turn(2_000);
    await rig.commit(raised('smoke-1', 3, now()));
    await rig.turn();
    expect(rig.asked).toEqual(['cam-1', 'cam-1']);
  });

  it('200 in one burst: every one has its word, the cameras are asked once, and no more than eight at a time', async () => {
    let atOnce = 0;
    let most = 0;
    rig.answer = async () => {
      most = Math.max(most, ++atOnce);
      await rig.clock.sleep(1_000);
      atOnce--;
      return { at: now(), bytes: jpeg() };
    };
    const cameras = new Map(Array.from({ length: 200 }, (_, nth) => [`smoke-${nth}`, `cam-${nth % 10}`]));
    await rig.start({ cameras: () => cameras });
    await rig.commit(...Array.from({ length: 200 }, (_, nth) => raised(`smoke-${nth}`, 1, now())));
    for (let nth = 0; nth < 8; nth++) await rig.turn(1_000);
    expect(rig.asked).toHaveLength(10);
    expect(most).toBe(8);
    const records = await rig.records();
    expect(records.slice(0, 200).every(({ kind }) => kind === 'alarm')).toBe(true);
    expect((await rig.taken()).flatMap(({ of }) => of)).toHaveLength(200);
    expect(await rig.state('snapshot/order/')).toEqual([]);
  });

  it('more than can wait: the oldest give up, and say so', async () => {
    rig.answer = () => new Promise(() => undefined);
    const cameras = new Map(Array.from({ length: 1_100 }, (_, nth) => [`smoke-${nth}`, `cam-${nth}`]));
    await rig.start({ cameras: () => cameras });
    await rig.commit(...Array.from({ length: 1_100 }, (_, nth) => raised(`smoke-${nth}`, 1, now())));
    await rig.turn();
    const given = await rig.taken();
    expect(given).toHaveLength(76);
    expect(given[0]).toMatchObject({ camera: 'cam-0', picture: { missing: 'thinned' } });
  });
});

describe('a crash', () => {
  it('between the alarm and its picture: the picture is taken after the restart, and once', async () => {
    rig.answer = () => new Promise(() => undefined);
    await rig.start();
    await rig.commit(raised('smoke-1', 1, now()));
    await rig.turn();
    // What was never said stays on the way: only the log and the folder come along.
    rig.answer = () => Promise.resolve({ at: now(), bytes: jpeg() });
    await rig.turn(20_000);
    await rig.start();
    await rig.turn();
    expect((await ofList()).map(([of]) => of)).toEqual([['smoke-1/1']]);
    await rig.start();
    await rig.turn();
    expect(rig.asked).toHaveLength(2);
  });

  it('of a minute too many: the moment has gone, and the dispatcher is told', async () => {
    rig.answer = () => new Promise(() => undefined);
    await rig.start();
    await rig.commit(raised('smoke-1', 1, now()));
    await rig.turn(121_000);
    await rig.start();
    await rig.turn();
    expect(rig.asked).toHaveLength(1);
    expect(await ofList()).toEqual([[['smoke-1/1'], { missing: 'too-late' }]]);
  });

  it('between file and record leaves nothing behind; an order that cannot be read is forgotten', async () => {
    mkdirSync(join(rig.folder, 'snapshots'));
    for (const name of [`${'0'.repeat(32)}.jpg`, 'abc.tmp']) writeFileSync(join(rig.folder, 'snapshots', name), jpeg());
    const state = [
      ['snapshot/order/x/y/1', '{"not":"an order"}'],
      ['snapshot/kept/zz', 'nonsense'],
    ] as const;
    await rig.log.append({ alarm: [], telemetry: [], state });
    await rig.start();
    expect([rig.files(), await rig.state('snapshot/')]).toEqual([[], []]);
  });

  it('a stop in the middle waits for no camera, and leaves the order to the next start', async () => {
    rig.answer = () => new Promise(() => undefined);
    const snapshots = await rig.start();
    await rig.commit(raised('smoke-1', 1, now()));
    await snapshots.stop();
    expect(await rig.state('snapshot/order/')).toEqual(['snapshot/order/smoke-1/smoke/1']);
    rig.answer = () => Promise.resolve({ at: now(), bytes: jpeg() });
    await rig.start();
    expect((await ofList()).map(([of]) => of)).toEqual([['smoke-1/1']]);
  });
});

describe('a disk', () => {
  it('that takes nothing for a while: the picture is written when it does, and said once', async () => {
    await rig.start();
    await rig.commit(raised('smoke-1', 1, now()));
    rig.broken = new StoreError('disk-full', 'no room');
    await rig.turn(6_000);
    expect([await rig.taken(), rig.files()]).toEqual([[], []]);
    expect(rig.troubles.join()).toContain('alarms are not affected');
    rig.broken = null;
    await rig.turn(6_000);
    expect((await ofList()).map(([of]) => of)).toEqual([['smoke-1/1']]);
    expect(rig.files()).toHaveLength(1);
  });

  it('is used up to its bound: what the cloud has goes first, then the oldest, and its loss is a record and a count', async () => {
    rig.answer = () => Promise.resolve({ at: now(), bytes: withData(rig.asked.length) });
    const snapshots = await rig.start({ maxBytes: 330_000 });
    for (let episode = 1; episode <= 3; episode++) {
      await rig.commit(raised('smoke-1', episode, now()));
      await rig.turn(10_000);
    }
    const [first, second] = await rig.taken();
    if (!first || !second) throw new Error('no pictures');
    await snapshots.blobs.done(second.id, 'kept');
    await rig.commit(raised('smoke-1', 4, now()));
    await rig.turn(10_000);
    // The second was with the cloud; nothing is lost by its going.
    expect(rig.files()).not.toContain(`${second.id}.jpg`);
    expect([snapshots.counters()['expired'], snapshots.counters()['dropped']]).toEqual([1, 0]);
    await rig.commit(raised('smoke-1', 5, now()));
    await rig.turn(10_000);
    expect(rig.files()).not.toContain(`${first.id}.jpg`);
    expect(snapshots.counters()['dropped']).toBe(1);
    expect(await rig.taken()).toContainEqual(expect.objectContaining({ id: first.id, of: [], picture: { missing: 'dropped' } }));
    expect(rig.troubles.join()).toContain('1 snapshots were dropped before the cloud had them');
    expect(snapshots.waiting()['bytes']).toBeLessThanOrEqual(330_000);
  });

  it('keeps pictures so many days and not longer', async () => {
    const snapshots = await rig.start({ keepMs: 86_400_000 });
    await rig.commit(raised('smoke-1', 1, now()));
    await rig.turn();
    const [taken] = await rig.taken();
    await snapshots.blobs.done(taken?.id ?? '', 'kept');
    await rig.turn(86_000_000);
    expect(rig.files()).toHaveLength(1);
    await rig.turn(500_000);
    expect([rig.files(), await rig.state('snapshot/')]).toEqual([[], []]);
    expect(await rig.taken()).toHaveLength(1);
  });

  it('that lost or changed a file: it is said to be dropped, and the next one is offered', async () => {
    rig.answer = () => Promise.resolve({ at: now(), bytes: jpeg(rig.asked.length) });
    const snapshots = await rig.start();
    for (let episode = 1; episode <= 3; episode++) {
      await rig.commit(raised('smoke-1', episode, now()));
      await rig.turn(10_000);
    }
    const [first, second, third] = await rig.taken();
    rmSync(join(rig.folder, 'snapshots', `${third?.id}.jpg`));
    writeFileSync(join(rig.folder, 'snapshots', `${second?.id}.jpg`), jpeg(99));
    expect((await snapshots.blobs.next(new Set()))?.id).toBe(first?.id);
    const dropped = (await rig.taken()).filter(({ picture }) => 'missing' in picture).map(({ id }) => id);
    expect(dropped).toEqual([third?.id, second?.id]);
  });
});

describe('what waits for the cloud', () => {
  it('is the newest first, until it is done; what is done stays done after a restart', async () => {
    rig.answer = () => Promise.resolve({ at: now(), bytes: jpeg(rig.asked.length) });
    const snapshots = await rig.start();
    let told = 0;
    snapshots.blobs.onMore(() => void told++);
    for (let episode = 1; episode <= 2; episode++) {
      await rig.commit(raised('smoke-1', episode, now()));
      await rig.turn(10_000);
    }
    const [older, newer] = await rig.taken();
    const next = async (aside: string[] = []) => (await snapshots.blobs.next(new Set(aside)))?.id ?? null;
    expect([told, await next(), await next([newer?.id ?? ''])]).toEqual([2, newer?.id, older?.id]);
    await snapshots.blobs.done(newer?.id ?? '', 'kept');
    const again = await rig.start();
    expect((await again.blobs.next(new Set()))?.id).toBe(older?.id);
    await again.blobs.done(older?.id ?? '', 'refused');
    expect(await again.blobs.next(new Set())).toBeNull();
    expect(rig.files()).toHaveLength(2);
  });

  it('is nothing where the gateway works alone', async () => {
    const snapshots = await rig.start({ hasCloud: false });
    await rig.commit(raised('smoke-1', 1, now()));
    await rig.turn();
    expect([await snapshots.blobs.next(new Set()), rig.files().length]).toEqual([null, 1]);
  });
});

describe('a picture that a device sends with its event', () => {
  const pushed = (device: string, bytes = jpeg(), type: Snapshot['type'] = 'image/jpeg'): Snapshot => {
    return { device, at: now(), type, bytes, name: 'picture' };
  };

  it('finds the alarm it belongs to, whichever of the two comes first', async () => {
    const snapshots = await rig.start();
    await snapshots.offer(pushed('door-1'));
    await rig.turn(500);
    await rig.commit(raised('door-1', 1, now()));
    await rig.turn();
    await rig.commit(raised('door-2', 7, now()));
    await rig.turn(500);
    await snapshots.offer(pushed('door-2', jpeg(2)));
    await rig.turn();
    expect((await ofList()).map(([of]) => of)).toEqual([['door-1/1'], ['door-2/7']]);
    expect((await rig.taken()).map(({ camera }) => camera)).toEqual(['door-1', 'door-2']);
  });

  it('without an alarm is forgotten; one that may not be kept, or is none, is refused', async () => {
    const snapshots = await rig.start({ mayKeep: (device) => device !== 'radar-1' });
    await snapshots.offer(pushed('door-1'));
    await rig.turn(11_000);
    await rig.commit(raised('door-1', 1, now()));
    await rig.turn();
    await expect(snapshots.offer(pushed('radar-1'))).rejects.toThrow('profile');
    await expect(snapshots.offer(pushed('door-1', jpeg(), 'image/png'))).rejects.toThrow('no JPEG');
    await expect(snapshots.offer(pushed('door-1', Buffer.from('x')))).rejects.toThrow('no JPEG');
    await expect(snapshots.offer(pushed('door-1', jpeg(1, 600_000)))).rejects.toThrow('too long');
    expect([await rig.taken(), snapshots.counters()['pushed_dropped']]).toEqual([[], 5]);
  });

  it('never piles up: of many without an alarm the last sixteen wait', async () => {
    const snapshots = await rig.start();
    for (let nth = 0; nth < 40; nth++) await snapshots.offer(pushed(`door-${nth}`, jpeg(nth)));
    expect(snapshots.counters()['pushed_dropped']).toBe(24);
  });
});

/** A picture of a hundred thousand bytes that nothing can be left out of. */
function withData(seed: number): Buffer {
  const picture = jpeg(seed);
  const scanData = Buffer.alloc(100_000, 0x55 + (seed % 32));
  return Buffer.concat([picture.subarray(0, -2), scanData, picture.subarray(-2)]);
}
