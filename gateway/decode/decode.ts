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
}

export interface Decoder {
  /** Pure and total: the same frame gives the same result, and no frame makes it throw. */
  decode(frame: Frame): Decoded;
}

/** Prepares a loaded profile, once; all paths, names and scales are worked out here and not per frame. */
export function compile(profile: Profile): Decoder {
  const registers = compileRegisters(profile);
  const items = compileItems(profile);
  const messages = compileMessages(profile);
  return {
    decode({ body, at }) {
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
          return messages.message(body.channel, body.payload, at);
        case 'fields':
          return messages.fields(body.channel, body.fields, at);
        case 'alive':
          return { readings: [], events: [] };
      }
    },
  };
}
