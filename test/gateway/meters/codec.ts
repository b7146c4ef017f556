import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { Codec, Explained } from '../../../gateway/collect/codec.ts';
import { compile } from '../../../gateway/decode/decode.ts';
import { bytesOf } from './converse.ts';

export interface Wire {
  readonly explain: (bytes: Uint8Array) => Explained;
  readonly frames: (profile: Profile, bytes: Uint8Array) => ReturnType<NonNullable<Codec['frames']>>;
  /** The fields of a frame by name, `value | meaning`; throws where it is refused. */
  readonly fields: (hex: string) => Record<string, string>;
  /** What the pipeline reads of a frame; throws where it is refused. */
  readonly readings: (profile: Profile, hex: string) => Reading[];
}

/** The one codec of a folder, ready to be asked. */
export function wireOf([codec]: readonly Codec[]): Wire {
  if (codec?.frames === undefined) throw new Error('no codec');
  const frames: Wire['frames'] = (profile, bytes) => codec.frames?.(profile, bytes) ?? { bodies: [] };
  const explain: Wire['explain'] = (bytes) => codec.explain(bytes);
  return {
    explain,
    frames,
    fields: (hex) => {
      const explained = explain(bytesOf(hex));
      if ('refused' in explained) throw new Error(explained.refused.en);
      return Object.fromEntries(explained.fields.map(({ name, value, en }) => [name, `${value} | ${en ?? ''}`]));
    },
    readings: (profile, hex) => {
      const heard = frames(profile, bytesOf(hex));
      if ('refused' in heard) throw new Error(heard.refused.en);
      const decoder = compile(profile);
      return heard.bodies.flatMap((body) => decoder.decode({ device: 'd', at: 0, body }).readings);
    },
  };
}
