import type { DnyChannel } from '@yihu/device-profiles/protocols/dny.ts';
import type { Frame, FrameBody, Json } from '@yihu/device-profiles/vocabulary/frame.ts';
import { alarmKinds, portStates, stopReasons } from './commands.ts';
import type { Packet } from './packet.ts';

/** What the driver hands on of one packet: of the pile, or of one of its ports. */
export interface Said {
  readonly body: Extract<FrameBody, { kind: 'fields' | 'alive' }>;
  readonly child?: NonNullable<Frame['child']>;
}

type Fields = Record<string, Json>;

const alive: Said = { body: { kind: 'alive' } };
const rawKept = 512;

/** Answers to the gateway's own commands. */
const answers = new Set([0x81, 0x82, 0x96]);

/** What a packet says; never empty, so that every one is a sign of life. Card numbers and orders are left out. */
export function saidBy(packet: Packet): Said[] {
  const { command, data } = packet;
  switch (command) {
    case 0x01:
      return heartbeatOld(data);
    case 0x21:
      return heartbeat(data);
    case 0x20:
      return data.length >= 6
        ? [pile({ firmware: firmware(data.readUInt16LE(0)), ports: data[2] as number, type: data[4] as number })]
        : [unread(packet)];
    case 0x06:
      return data.length >= 15 ? [port(data[0] as number, charging(data))] : [unread(packet)];
    case 0x03:
    case 0x43:
      return data.length >= 13 ? [settled(data, command === 0x43)] : [unread(packet)];
    case 0x42:
      return data.length >= 2 ? [alarm(data)] : [unread(packet)];
    case 0x11:
      return data.length >= 9
        ? [plain('host', { firmware: firmware(data.readUInt16LE(0)), signal: data[7] as number })]
        : [unread(packet)];
    case 0x17:
      return data.length >= 19 ? [plain('host', hostState(data))] : [unread(packet)];
    // A card that is shown asks for credit, which is the operator's business; the time is answered and says nothing.
    case 0x02:
    case 0x04:
    case 0x12:
    case 0x22:
      return [alive];
    default:
      return [answers.has(command) ? alive : unread(packet)];
  }
}

function plain(channel: DnyChannel, fields: Fields): Said {
  return { body: { kind: 'fields', channel, fields } };
}

const pile = (fields: Fields) => plain('pile', fields);

/** Ports count from 0 on the wire and from 1 on the pile. */
function port(number: number, fields: Fields): Said {
  const label = String(number + 1);
  const name = { zh: `端口 ${label}`, en: `Port ${label}` };
  return { ...plain('port', { port: number + 1, ...fields }), child: { key: `port-${label.padStart(2, '0')}`, name } };
}

/** What was not understood is kept with its number. */
function unread({ command, data }: Packet): Said {
  return plain('unknown', {
    command: `0x${command.toString(16).padStart(2, '0')}`,
    data: data.toString('hex').slice(0, rawKept),
  });
}

const firmware = (version: number) => (version / 100).toFixed(2);
const tenth = (value: number) => value / 10;
const hundredth = (value: number) => value / 100;

/** 温度: less 65; 0 is "no sensor". */
function celsius(byte: number | undefined): { temperature?: number } {
  return byte === undefined || byte === 0 ? {} : { temperature: byte - 65 };
}

function stateOf(byte: number): Fields {
  return { state: portStates[byte]?.key ?? `state-${byte}`, stateCode: byte };
}

/** 0x21: voltage, number of ports, their states, signal, temperature. */
function heartbeat(data: Buffer): Said[] {
  const count = data[2] ?? 0;
  if (data.length < 3 + count) return [plain('unknown', { command: '0x21', data: data.toString('hex').slice(0, rawKept) })];
  const at = 3 + count;
  const signal = data[at];
  const fields = {
    voltage: tenth(data.readUInt16LE(0)),
    ports: count,
    ...(signal === undefined ? {} : { signal }),
    ...celsius(data[at + 1]),
  };
  return [pile(fields), ...[...data.subarray(3, at)].map((state, number) => port(number, stateOf(state)))];
}

/** 0x01: as 0x21, with firmware in front and each port's power now and at most behind the states. */
function heartbeatOld(data: Buffer): Said[] {
  const count = data[4] ?? 0;
  const powers = 5 + count;
  const rest = powers + 4 * count;
  if (data.length < rest) return [plain('unknown', { command: '0x01', data: data.toString('hex').slice(0, rawKept) })];
  const [, signal, type, temperature] = data.subarray(rest);
  const fields = {
    firmware: firmware(data.readUInt16LE(0)),
    voltage: tenth(data.readUInt16LE(2)),
    ports: count,
    ...(signal === undefined ? {} : { signal }),
    ...(type === undefined ? {} : { type }),
    ...celsius(temperature),
  };
  const ports = Array.from({ length: count }, (_, number) =>
    port(number, { ...stateOf(data[5 + number] as number), power: tenth(data.readUInt16LE(powers + 2 * number)) }),
  );
  return [pile(fields), ...ports];
}

/** 0x06, of which later firmware sends more; what is not there is left out. */
function charging(data: Buffer): Fields {
  const word = (at: number, of: (value: number) => number) =>
    data.length >= at + 2 ? { value: of(data.readUInt16LE(at)) } : undefined;
  const voltage = word(35, tenth);
  const current = word(37, (value) => value / 1000);
  const heat = data[40];
  return {
    ...stateOf(data[1] as number),
    duration: data.readUInt16LE(2),
    energy: hundredth(data.readUInt16LE(4)),
    power: tenth(data.readUInt16LE(7)),
    ...(voltage ? { voltage: voltage.value } : {}),
    ...(current ? { current: current.value } : {}),
    ...celsius(heat),
  };
}

/** 0x03 and 0x43: a charge is over. */
function settled(data: Buffer, isOpen: boolean): Said {
  const reason = data[12] as number;
  const number = data[6] as number;
  const fields = {
    duration: data.readUInt16LE(0),
    maxPower: tenth(data.readUInt16LE(2)),
    energy: hundredth(data.readUInt16LE(4)),
    port: number + 1,
    reason: stopReasons[reason]?.key ?? `reason-${reason}`,
    settled: !isOpen,
  };
  return plain('charge', fields);
}

/** 0x42: alarms of the pile and of what hangs on it. */
function alarm(data: Buffer): Said {
  const kind = data[0] as number;
  return plain('alarm', { alarm: alarmKinds[kind]?.key ?? `alarm-${kind}`, port: (data[1] as number) + 1, input: data[2] ?? 0 });
}

/** 0x17 of a host with a breaker and a meter. */
function hostState(data: Buffer): Fields {
  return {
    breaker: data[0] === 1 ? 'closed' : 'open',
    voltage: tenth(data.readUInt16LE(2)),
    current: hundredth(data.readUInt16LE(4)),
    energy: hundredth(data.readUInt32LE(6)),
    smoke: data[16] === 1,
    alarmRelay: data[17] === 1,
    leakage: data[18] as number,
  };
}
