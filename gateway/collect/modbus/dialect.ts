import { modbusOf } from '@yihu/device-profiles/protocols/modbus.ts';
import { z } from 'zod';
import type { BoundDevice } from '../driver.ts';
import type { Ask, Dialect } from '../line/dialect.ts';
import { asciiAsk } from './ascii.ts';
import { modbusAct, tellings } from './act.ts';
import { checkUnits } from './check.ts';
import type { Request } from './pdu.ts';
import { modbusReads } from './reads.ts';
import { rtuAsk } from './rtu.ts';

const Address = z.strictObject({
  unit: z.number().int().min(0).max(255),
  /** Default: what the profile speaks, RTU before ASCII. */
  framing: z.enum(['rtu', 'ascii']).optional(),
});
export type LineUnit = z.output<typeof Address>;

type Device = BoundDevice<LineUnit>;

/** Modbus RTU and ASCII among the other dialects of a line. */
export const dialect: Dialect<LineUnit> = {
  protocol: 'modbus',
  address: Address,
  check: checkUnits,
  serial: ({ profile }) => modbusOf(profile).serial,
  timing({ profile }) {
    const { timeout, retries, gap } = modbusOf(profile).timing;
    return { timeoutMs: timeout, retries, ...(gap !== undefined && { gapMs: gap }) };
  },
  reads: (device, points, line) => modbusReads(device.profile, points, device.address.unit, putFor(device), line),
  init: (device) => tellings(device.profile, device.address.unit, putFor(device)),
  act: (device, act) => modbusAct(device.profile, device.address.unit, act, putFor(device), true),
};

function framingOf({ profile, address }: Device): 'rtu' | 'ascii' {
  if (address.framing !== undefined) return address.framing;
  const { modes } = modbusOf(profile);
  return modes.includes('rtu') || modes.includes('rtu-over-tcp') ? 'rtu' : 'ascii';
}

function putFor(device: Device): (request: Request) => Ask {
  return framingOf(device) === 'rtu' ? rtuAsk : asciiAsk;
}
