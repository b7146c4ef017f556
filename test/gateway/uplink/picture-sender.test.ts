import { beforeEach, describe, expect, it } from 'vitest';
import { type BlobHeader, blobPartBytes, type BlobWord, decodeBlob } from '@yihu/device-profiles/vocabulary/uplink.ts';
import { type Blob, PictureSender } from '../../../gateway/uplink/picture-sender.ts';
import { HandClock } from '../../hand-clock.ts';

const id = (nth: number) => String(nth).repeat(32).slice(0, 32);
const sha256 = 'a'.repeat(64);

let clock: HandClock;
let sender: PictureSender;
let isClear: boolean;
let waiting: Blob[];
let sent: { header: BlobHeader; part: Buffer }[];
let ended: string[];
let failures: string[];
let more: () => void;

beforeEach(() => {
  clock = new HandClock();
  [isClear, waiting, sent, ended, failures] = [true, [], [], [], []];
  sender = new PictureSender({
    blobs: {
      next: async (aside) => waiting.find((blob) => !aside.has(blob.id)) ?? null,
      done: async (done, end) => {
        ended.push(`${end} ${done[0]}`);
        waiting = waiting.filter((blob) => blob.id !== done);
      },
      onMore: (listener) => {
        more = listener;
        return () => undefined;
      },
    },
    clock,
    isClear: () => isClear,
    publish: (_word, payload) => void sent.push(decodeBlob(payload)),
    failed: (error) => void failures.push(String(error)),
  });
});

const blob = (nth: number, bytes = 100): Blob => ({ id: id(nth), sha256, bytes: Buffer.alloc(bytes, nth) });
const hear = async (word: BlobWord) => {
  sender.hear(Buffer.from(JSON.stringify(word)));
  await clock.advance(0);
};
const ready = () => hear({ ready: true });
const offsets = () => sent.map(({ header }) => header.offset);

describe('pictures to the cloud', () => {
  it('wait until the cloud has said that it takes them: an older one is not bothered', async () => {
    waiting = [blob(1)];
    sender.pump();
    await clock.advance(60_000);
    expect(sent).toEqual([]);
    await ready();
    expect(sent.map(({ header, part }) => [header.id, part.length])).toEqual([[id(1), 100]]);
  });

  it('go one part at a time, the next when the last is answered, and only while no alarm is on its way', async () => {
    waiting = [blob(1, 2 * blobPartBytes + 10)];
    await ready();
    expect(offsets()).toEqual([0]);
    isClear = false;
    await hear({ id: id(1), have: blobPartBytes, state: 'more' });
    sender.pump();
    expect(offsets()).toEqual([0]);
    isClear = true;
    sender.pump();
    await hear({ id: id(1), have: 2 * blobPartBytes, state: 'more' });
    expect(offsets()).toEqual([0, blobPartBytes, 2 * blobPartBytes]);
    expect(sent.map(({ part }) => part.length)).toEqual([blobPartBytes, blobPartBytes, 10]);
    await hear({ id: id(1), have: 2 * blobPartBytes + 10, state: 'kept' });
    expect([ended, sender.counters.pictures]).toEqual([['kept 1'], 1]);
  });

  it('go on where the cloud has it, after a broken session too', async () => {
    waiting = [blob(1, 3 * blobPartBytes)];
    await ready();
    await hear({ id: id(1), have: blobPartBytes, state: 'more' });
    sender.closed();
    await clock.advance(60_000);
    expect(offsets()).toEqual([0, blobPartBytes]);
    await ready();
    await hear({ id: id(1), have: 2 * blobPartBytes, state: 'more' });
    expect(offsets()).toEqual([0, blobPartBytes, 0, 2 * blobPartBytes]);
  });

  it('are sent again where no answer comes, however long that takes', async () => {
    waiting = [blob(1)];
    await ready();
    await clock.advance(45_000);
    expect(offsets()).toEqual([0, 0, 0]);
    expect(sender.counters.picture_repeats).toBe(2);
    await hear({ id: id(2), have: 9, state: 'kept' });
    expect(ended).toEqual([]);
    await hear({ id: id(1), have: 100, state: 'kept' });
    expect(ended).toEqual(['kept 1']);
  });

  it('whose record has not come yet let others pass and come back in a minute', async () => {
    waiting = [blob(1), blob(2)];
    await ready();
    await hear({ id: id(1), have: 0, state: 'unknown' });
    expect(sent.map(({ header }) => header.id[0])).toEqual(['1', '2']);
    await hear({ id: id(2), have: 100, state: 'kept' });
    await clock.advance(59_000);
    expect(sent).toHaveLength(2);
    await clock.advance(2_000);
    expect(sent.map(({ header }) => header.id[0])).toEqual(['1', '2', '1']);
  });

  it('that arrive damaged again and again are put aside for a while; what is refused is never sent again', async () => {
    waiting = [blob(1), blob(2)];
    await ready();
    for (let nth = 0; nth < 3; nth++) await hear({ id: id(1), have: 0, state: 'more' });
    await hear({ id: id(2), have: 0, state: 'refused' });
    expect(sent.map(({ header }) => header.id[0])).toEqual(['1', '1', '1', '2']);
    expect([ended, sender.counters.pictures_refused]).toEqual([['refused 2'], 1]);
    await clock.advance(61_000);
    expect(sent.at(-1)?.header.id[0]).toBe('1');
  });

  it('are noticed when they come, and nonsense of the cloud moves nothing', async () => {
    await ready();
    waiting = [blob(3)];
    more();
    await clock.advance(0);
    expect(sent).toHaveLength(1);
    sender.hear(Buffer.from('{"id":"x"}'));
    sender.hear(Buffer.from([0xff, 0xfe]));
    expect([sent.length, failures.length]).toEqual([1, 2]);
    await sender.stop();
    await clock.advance(60_000);
    expect(sent).toHaveLength(1);
  });
});
