import type { Json } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Steps } from '@yihu/device-profiles/vocabulary/message.ts';
import type { Read } from './forms.ts';
import { compileSteps, type ReadInput } from './steps.ts';
import type { Refusal } from './value.ts';

export const refusals = {
  noBranch: {
    code: 'no-branch',
    zh: '档案没有说明如何读这种消息；请检查设备型号与档案是否一致。',
    en: 'The profile does not say how to read this message; check that device and profile are the same model.',
  },
  noChannel: {
    code: 'no-channel',
    zh: '档案没有说明这个主题；请检查设备型号与档案是否一致。',
    en: 'The profile knows nothing of this topic; check that device and profile are the same model.',
  },
  tooManyRecords: {
    code: 'too-many',
    zh: '消息里的记录太多，未解析；请让设备分批发送。',
    en: 'The message has too many records and was not read; let the device send fewer at once.',
  },
} as const satisfies Record<string, Refusal>;

export function tooLarge(kb: number): Refusal {
  return {
    code: 'too-large',
    zh: `消息超过 ${kb} KB，未解析；请检查设备是否在发送图片。`,
    en: `The message is larger than ${kb} KB and was not parsed; check whether the device sends pictures.`,
  };
}

/** A message and the readings of it that were asked for so far: branches that read alike share one. */
export interface Payload {
  /** The tree that a reading makes of it; of what a codec has taken apart, that itself. */
  read(reading: Reading): Read;
}

/** One way to read whole messages, prepared once for all branches of a profile that name it. */
export interface Reading {
  readonly key: string;
  readonly read: ReadInput;
}

export function compileReadings(): (steps: Steps | undefined) => Reading {
  const known = new Map<string, Reading>();
  return (steps) => {
    const key = JSON.stringify(steps ?? 'json');
    const reading = known.get(key) ?? { key, read: compileSteps(steps) };
    known.set(key, reading);
    return reading;
  };
}

export function payloadOf(bytes: Uint8Array): Payload {
  const done = new Map<string, Read>();
  return {
    read({ key, read }) {
      const before = done.get(key);
      if (before !== undefined) return before;
      const fresh = read(bytes);
      done.set(key, fresh);
      return fresh;
    },
  };
}

export function fieldsPayload(fields: Json): Payload {
  const read: Read = { tree: fields };
  return { read: () => read };
}
