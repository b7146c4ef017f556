import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { DeviceEvent, Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import { compileItems } from './items.ts';
import { compileMessages } from './messages.ts';
import { compileRegisters } from './registers.ts';
import type { Refusal } from './value.ts';

/** What one frame says. Bad values are in `readings` with their reason; `refused` says why nothing could be read at all. */
export interface Decoded {
  readonly readings: Reading[];
  readonly events: DeviceEvent[];
  /** What the device's last will, or its birth message, says. */
  readonly will?: 'online' | 'offline';
  readonly refused?: Refusal;
  /** Why a part of it was left unread, though the rest was read. */
  readonly left?: Refusal;
  /** Keys of what was new in it (the profile's `dedupe`); to be remembered for its window once the frame is kept. */
  readonly keys?: readonly string[];
  /** Records left out because their key had been seen: the device sent them again. */
  readonly repeated?: number;
  /** The message names this model, which the profile does not know: it is probably the wrong profile. */
  readonly otherModel?: string;
  /** No sign of life: a message that a broker had kept, or of a channel that does not count. */
  readonly isQuiet?: true;
}

/** Whether a record with this key was taken within the profile's `dedupe` window. */
export type IsSeen = (key: string) => boolean;

export interface Decoder {
  /** Pure and total: the same frame gives the same result, and no frame makes it throw. */
  decode(frame: Frame, isSeen?: IsSeen): Decoded;
}

const neverSeen: IsSeen = () => false;

/** Prepares a loaded profile, once; all paths, names and scales are worked out here and not per frame. */
export function compile(profile: Profile): Decoder {
  const registers = compileRegisters(profile);
  const items = compileItems(profile);
  const messages = compileMessages(profile);
  return {
    decode({ body, at }, isSeen = neverSeen) {
      switch (body.kind) {
        case 'registers':
          return { readings: registers.registers(body, at), events: [] };
        case 'bits':
          return { readings: registers.bits(body, at), events: [] };
        case 'fault':
          return { readings: registers.fault(body, at), events: [] };
        case 'items':
          return { readings: items.items(body, at), events: [] };
        case 'missed':
          return { readings: items.missed(body, at), events: [] };
        case 'message':
          return messages.message(body, at, isSeen);
        case 'fields':
          return messages.fields(body, at, isSeen);
        case 'alive':
          return { readings: [], events: [] };
      }
    },
  };
}
