import type { Ask, SerialShape } from '../collect/line/dialect.ts';
import { framesIn, lowFirst } from '../collect/line/framing.ts';
import * as cjt188 from '../collect/cjt188/frame.ts';
import * as dlt645 from '../collect/dlt645/frame.ts';
import { controls, encodeShort, frameAt as mbusFrameAt, type MbusFrame } from '../collect/mbus/frame.ts';
import { mediumOf, readTelegram } from '../collect/mbus/telegram.ts';
import { readRequest } from '../collect/modbus/pdu.ts';
import { rtuAsk } from '../collect/modbus/rtu.ts';

/** Somebody on a line, in the words of its protocol. */
export interface Slave {
  readonly wire: LineWire;
  /** The `address:` of a device in the site file. */
  readonly address: Readonly<Record<string, string | number>>;
  /** What it is, as far as it says. */
  readonly kind: string;
  /** Profiles of the library that such a device usually has. */
  readonly profiles: readonly string[];
}

export const lineWires = ['modbus', 'dlt645', 'cjt188', 'mbus'] as const;
export type LineWire = (typeof lineWires)[number];

/** 谁在线: one question, and what its answer says of who gave it. */
export interface Question {
  readonly wire: LineWire;
  /** Such as `modbus 3`. */
  readonly name: string;
  readonly ask: Ask<Slave>;
  /** How long the slave may think, milliseconds. */
  readonly timeoutMs: number;
}

/** A meter wakes up before it answers, and what it answers later would be taken for the answer to the next question. */
const meterMs = 650;
/** Hardly any slave is slower; one that is, is found with a longer time. */
export const usualModbusMs = 250;
/** So soon most slaves answer. 32 addresses at 9600 Bd are asked in 1.6 s with it. */
export const quickMs = 40;

/** The questions of these wires, in the order in which most is found soonest. */
export function questionsFor(
  wires: readonly LineWire[],
  units: { readonly from: number; readonly to: number },
  modbusMs = usualModbusMs,
): Question[] {
  const meters = { dlt645: [dlt645Address, dlt645Address1997], cjt188: [cjt188Address], mbus: [mbusAnybody], modbus: [] };
  const forAll = wires.flatMap((wire) => meters[wire]);
  const modbus = Array.from({ length: units.to - units.from + 1 }, (_, i) => modbusUnit(units.from + i, modbusMs));
  return wires.includes('modbus') ? [...modbus, ...forAll] : forAll;
}

/** Parameters that devices on RS-485 leave the factory with, the most frequent first. */
export const usualShapes: readonly SerialShape[] = [
  { baud: 9_600, parity: 'none', stopBits: 1 },
  { baud: 9_600, parity: 'even', stopBits: 1 },
  { baud: 2_400, parity: 'even', stopBits: 1 },
  { baud: 4_800, parity: 'none', stopBits: 1 },
  { baud: 19_200, parity: 'none', stopBits: 1 },
  { baud: 19_200, parity: 'even', stopBits: 1 },
  { baud: 115_200, parity: 'none', stopBits: 1 },
  { baud: 38_400, parity: 'none', stopBits: 1 },
  { baud: 1_200, parity: 'even', stopBits: 1 },
];

/** One register: whoever answers, if only with a refusal, is there. */
function modbusUnit(unit: number, timeoutMs: number): Question {
  const ask = rtuAsk(readRequest(unit, 'holding', 0, 1));
  const slave: Slave = { wire: 'modbus', address: { unit }, kind: 'Modbus', profiles: [] };
  return {
    wire: 'modbus',
    name: `modbus ${unit}`,
    timeoutMs,
    ask: answeredBy(ask, (heard) => {
      const found = ask.match(heard);
      return found && { answer: slave, end: found.end };
    }),
  };
}

function answeredBy(ask: Pick<Ask, 'send' | 'slave' | 'longestAnswer'>, match: Ask<Slave>['match']): Ask<Slave> {
  const { send, slave, longestAnswer } = ask;
  return { send, slave, longestAnswer, isHarmless: true, match };
}

/** 读通信地址 (DL/T 645-2007, C = 13H): the only meter on the line says who it is. */
const dlt645Address = dlt645Question('dlt645', dlt645.functions.readAddress, '', [
  'generic.dlt645-single-phase',
  'generic.dlt645-three-phase',
  'generic.dlt645-prepaid',
]);
/** DL/T 645-1997 has no such function; its meters answer a read of their total that is addressed to any. */
const dlt645Address1997 = dlt645Question('dlt645 1997', dlt645.functions.read1997, '9010', ['generic.dlt645-1997']);

function dlt645Question(name: string, control: number, identifier: string, profiles: readonly string[]): Question {
  const send = dlt645.encodeFrame({ address: 'A'.repeat(12), control, data: lowFirst(identifier) }, 4);
  return {
    wire: 'dlt645',
    name,
    timeoutMs: meterMs,
    ask: answeredBy({ send, slave: 'dlt645:anybody', longestAnswer: 40 }, (heard) => {
      for (const { frame, end } of framesIn(heard, dlt645.frameAt)) {
        // D7 is set by a meter, D4…D0 are the function of the question; a refusal, too, names its address.
        if ((frame.control & 0x80) === 0 || (frame.control & 0x1f) !== control || !/^\d{12}$/.test(frame.address)) continue;
        return { answer: { wire: 'dlt645', address: { meter: frame.address }, kind: name.toUpperCase(), profiles }, end };
      }
      return undefined;
    }),
  };
}

/** 读地址 (CJ/T 188-2004, C = 03H, 810A). */
const cjt188Address: Question = {
  wire: 'cjt188',
  name: 'cjt188',
  timeoutMs: meterMs,
  ask: answeredBy(
    {
      send: cjt188.encodeFrame(
        {
          meterType: cjt188.anyType,
          address: 'A'.repeat(14),
          control: cjt188.functions.readAddress,
          data: Uint8Array.of(0x0a, 0x81, 0),
        },
        4,
      ),
      slave: 'cjt188:anybody',
      longestAnswer: 40,
    },
    (heard) => {
      for (const { frame, end } of framesIn(heard, cjt188.frameAt)) {
        if ((frame.control & cjt188.fromMeter) === 0 || !/^\d{14}$/.test(frame.address)) continue;
        const { kind, profiles } = cjt188Kind(frame.meterType);
        return { answer: { wire: 'cjt188', address: { meter: frame.address }, kind: `CJ/T 188 ${kind}`, profiles }, end };
      }
      return undefined;
    },
  ),
};

/** 仪表类型 (CJ/T 188-2004, table of T). */
function cjt188Kind(type: number): { kind: string; profiles: string[] } {
  if (type >= 0x10 && type <= 0x19) return { kind: 'water', profiles: ['generic.cjt188-water'] };
  if (type >= 0x20 && type <= 0x29) return { kind: 'heat', profiles: ['generic.cjt188-heat'] };
  if (type >= 0x30 && type <= 0x39) return { kind: 'gas', profiles: ['generic.cjt188-gas'] };
  return { kind: `type ${type.toString(16)}`, profiles: [] };
}

/** EN 13757-2: address 254 is answered by every meter, so it serves where there is one. */
const mbusAnybody: Question = {
  wire: 'mbus',
  name: 'mbus',
  timeoutMs: meterMs,
  ask: answeredBy({ send: encodeShort(controls.request[0], 0xfe), slave: 'mbus:254', longestAnswer: 261 }, (heard) => {
    for (const { frame, end } of framesIn(heard, mbusFrameAt)) {
      if (frame.kind === 'long' && (frame.control & ~0x30) === controls.response) return { answer: mbusSlave(frame), end };
    }
    return undefined;
  }),
};

const mbusProfiles: readonly (readonly [RegExp, string])[] = [
  [/heat|cool/i, 'generic.mbus-heat'],
  [/water/i, 'generic.mbus-water'],
  [/gas/i, 'generic.mbus-gas'],
];

function mbusSlave(frame: Extract<MbusFrame, { kind: 'long' }>): Slave {
  const telegram = readTelegram(frame);
  if ('unreadable' in telegram) return { wire: 'mbus', address: { primary: frame.address }, kind: 'M-Bus', profiles: [] };
  const { id, manufacturer } = telegram;
  const medium = mediumOf(telegram);
  const profiles = mbusProfiles.filter(([pattern]) => pattern.test(medium)).map(([, profile]) => profile);
  const address = id === '' ? { primary: frame.address } : { secondary: id, ...(manufacturer !== '' && { manufacturer }) };
  return { wire: 'mbus', address, kind: ['M-Bus', manufacturer, medium].filter((word) => word !== '').join(' '), profiles };
}
