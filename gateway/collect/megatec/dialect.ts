import { MegatecCommand, type MegatecChannel, megatecChannels, megatecOf } from '@yihu/device-profiles/protocols/megatec.ts';
import { z } from 'zod';
import type { BoundDevice, ConfigProblem } from '../driver.ts';
import type { Ask, Dialect, Read } from '../line/dialect.ts';
import { framesIn } from '../line/framing.ts';
import { jsonOf, lineAt, type MegatecField, readers } from './answer.ts';

/** A UPS has no address: it is alone on its line. */
export const MegatecAddress = z.strictObject({});
export type MegatecAddress = z.output<typeof MegatecAddress>;

type Device = BoundDevice<MegatecAddress>;

export const dialect: Dialect<MegatecAddress> = {
  protocol: 'megatec',
  address: MegatecAddress,
  check,
  serial: ({ profile }) => megatecOf(profile).serial,
  reads: ({ profile }, points) =>
    megatecChannels
      .filter((channel) =>
        (profile.decode[channel] ?? []).some(({ points: own = {} }) => points.some((id) => Object.hasOwn(own, id))),
      )
      .map((channel) => readChannel(channel, channel === 'status' ? megatecOf(profile).statusWord : 'F')),
  timing: ({ profile }) => {
    const { timeout, retries, gap } = megatecOf(profile).timing;
    return { timeoutMs: timeout, retries, ...(gap === undefined ? {} : { gapMs: gap }) };
  },
  act: (_, { spec }) => tell(wordOf(MegatecCommand.parse(spec.do))),
};

const longestAnswer = 64;
const slave = 'megatec';

function readChannel(channel: MegatecChannel, word: string): Read {
  const ask: Ask<MegatecField[]> = {
    send: bytesOf(word),
    slave,
    longestAnswer,
    shape: channel,
    isHarmless: true,
    match: (heard) => {
      for (const { frame, end } of framesIn(heard, lineAt)) {
        const answer = readers[channel](frame);
        if (answer !== undefined) return { answer, end };
      }
      return undefined;
    },
  };
  return {
    key: channel,
    first: () => ask,
    take: (answer) => ({ bodies: [{ kind: 'fields', channel, fields: jsonOf(answer as MegatecField[]) }] }),
    fault: (fault, detail) => ({ kind: 'missed', fault, detail }),
  };
}

/** A UPS carries a command out without a word (V2.7, C.4–9); its state tells whether it did. */
function tell(word: string): Read {
  const ask: Ask = { send: bytesOf(word), slave, longestAnswer: 0, isBroadcast: true, match: () => undefined };
  return {
    first: () => ask,
    take: () => ({ bodies: [] }),
    fault: (fault, detail) => ({ kind: 'missed', keys: [], fault, detail }),
  };
}

const testWords = { quick: 'T', deep: 'TL', stop: 'CT' } as const;

function wordOf(command: MegatecCommand): string {
  return 'beeper' in command ? 'Q' : testWords[command.test];
}

function bytesOf(word: string): Uint8Array {
  return new TextEncoder().encode(`${word}\r`);
}

function check(devices: readonly Device[]): ConfigProblem[] {
  return devices.slice(1).map(({ id }) => ({
    path: `devices.${id}.address`,
    zh: 'UPS 没有地址，一条线上只能接一台。',
    en: 'A UPS has no address; a line takes only one.',
  }));
}
