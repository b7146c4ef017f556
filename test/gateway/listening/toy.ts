import { onTestFinished } from 'vitest';
import type { Clock } from '../../../gateway/clock.ts';
import type { BoundDevice } from '../../../gateway/collect/driver.ts';
import { ListeningPort } from '../../../gateway/collect/listening/port.ts';
import type { ListeningSettings } from '../../../gateway/collect/listening/settings.ts';
import type { Cut, Framing } from '../../../gateway/collect/listening/splitter.ts';
import type { Dialect, Line } from '../../../gateway/collect/listening/talk.ts';
import { smokeProfile } from '../mqtt/rig.ts';
import { type Disk, type Rig, rig } from './rig.ts';

/** A protocol for tests: `<device>:<text>\n`, acked by `+<text>\n`; a line that begins with `!` is damaged. */
export const toyFraming: Framing<{ device: string; text: string }> = {
  maxFrameBytes: 200,
  cut(bytes): Cut<{ device: string; text: string }> {
    const first = bytes[0] as number;
    const end = bytes.indexOf(0x0a);
    if (first === 0x21 && end >= 0) return { skip: end + 1, why: 'damaged' };
    if (first !== 0x21 && !/[a-z]/.test(String.fromCharCode(first))) return { skip: 1 };
    if (end === -1) return { need: true };
    const [device = '', text = ''] = bytes.subarray(0, end).toString('latin1').split(':');
    return { take: end + 1, frame: { device, text } };
  },
};

function toyDialect(clock: Clock, known: readonly string[]): Dialect<{ device: string; text: string }> {
  return {
    framing: toyFraming,
    silentAfterMs: 60_000,
    talk: (line: Line) => ({
      async hear({ device, text }) {
        if (!known.includes(device)) return line.refuse(device, 'no such device');
        if (!line.claim(device)) return;
        if (text === 'flood') for (let i = 0; i < 40_000; i++) line.send(Buffer.alloc(1_024, 0x2e));
        const at = clock.now();
        if (await line.keep([{ device, at, body: { kind: 'fields', channel: 'toy', fields: text } }]))
          line.send(Buffer.from(`+${text}\n`));
      },
      damaged: (why) => line.send(Buffer.from(`?${why}\n`)),
      act: async () => ({ state: 'sent' }),
    }),
  };
}

export interface ToyPort extends Rig<ListeningSettings, object> {
  readonly port: ListeningPort<{ device: string; text: string }>;
}

export async function toyPort(
  clock: Clock,
  settings: Partial<ListeningSettings> = {},
  more: { readonly disk?: Disk; readonly folder?: string } = {},
): Promise<ToyPort> {
  const devices: BoundDevice<object>[] = ['a', 'b', 'c'].map((id) => ({ id, profile: smokeProfile, address: {} }));
  const made = rig({ listen: '127.0.0.1:0', ...settings }, devices, clock, more);
  const port = new ListeningPort(made.context, toyDialect(clock, ['a', 'b', 'c']));
  await port.start();
  onTestFinished(() => port.stop());
  return { ...made, port };
}
