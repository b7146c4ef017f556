import { z } from 'zod';
import { pollGroupOf } from '../library/poll-groups.ts';
import type { Protocol } from '../library/protocol.ts';
import { readTogether, type RegisterPoint, registerPoints } from '../library/registers.ts';
import type { Finding } from '../library/source.ts';
import { Duration } from '../vocabulary/duration.ts';
import { checkSteps, ModbusDo, ModbusStep } from '../library/modbus-steps.ts';
import type { Profile } from '../vocabulary/profile.ts';

/** Modbus in every framing: the profile says which of them the device speaks. */
export const ModbusTransport = z.strictObject({
  protocol: z.literal('modbus'),
  modes: z.array(z.enum(['tcp', 'rtu', 'rtu-over-tcp', 'ascii'])).min(1),
  serial: z
    .strictObject({
      baud: z.number().int().positive(),
      parity: z.enum(['none', 'even', 'odd']).default('none'),
      stopBits: z.union([z.literal(1), z.literal(2)]).default(1),
      dataBits: z.union([z.literal(7), z.literal(8)]).default(8),
    })
    .optional(),
  unitId: z.strictObject({
    default: z.number().int().min(0).max(255),
    min: z.number().int().min(0).max(255).default(1),
    max: z.number().int().min(0).max(255).default(247),
  }),
  timing: z
    .strictObject({
      timeout: Duration.prefault('500ms'),
      retries: z.number().int().min(0).max(5).default(1),
      gap: Duration.optional(),
    })
    .prefault({}),
  limits: z
    .strictObject({
      maxRegisters: z.number().int().min(1).max(125).default(120),
      maxGap: z.number().int().min(0).max(100).default(10),
    })
    .prefault({}),
  /** What the device is told when the wire has come up, and when it answers again after a silence. */
  init: z.array(ModbusStep).max(16).default([]),
});
export type ModbusTransport = z.output<typeof ModbusTransport>;

/** @throws for a profile of another protocol. */
export function modbusOf(profile: Profile): ModbusTransport {
  if (profile.transport.protocol !== 'modbus') throw new Error(`profile ${profile.id} is not a Modbus profile`);
  return profile.transport as ModbusTransport;
}

export const protocol: Protocol<ModbusTransport> = {
  name: 'modbus',
  transport: ModbusTransport,
  values: 'registers',
  isPolled: true,
  command: ModbusDo,
  check: checkModbus,
};

/** Every point has a place on the wire, a type, a poll group; exponents come in the block of the value they scale. */
function checkModbus(profile: Profile, transport: ModbusTransport): Finding[] {
  return [
    ...checkTransport(transport),
    ...Object.keys(profile.points).flatMap((id) => checkPlace(profile, transport, id)),
    ...checkTogether(profile, transport),
    ...checkNoMessages(profile),
    ...checkSteps(profile, transport.init),
  ];
}

function checkTransport({ modes, serial, unitId }: ModbusTransport): Finding[] {
  const findings: Finding[] = [];
  const onLine = modes.find((mode) => mode === 'rtu' || mode === 'ascii');
  if (onLine !== undefined && serial === undefined) {
    const en = `${onLine} needs the serial settings (serial).`;
    findings.push({ path: ['transport'], zh: `${onLine} 需要串口参数（serial）。`, en });
  }
  if (unitId.default < unitId.min || unitId.default > unitId.max) {
    findings.push({
      path: ['transport', 'unitId', 'default'],
      zh: '默认地址不在 min 与 max 之间。',
      en: 'The default is not between min and max.',
    });
  }
  return findings;
}

function checkPlace(profile: Profile, { limits }: ModbusTransport, id: string): Finding[] {
  const findings: Finding[] = [];
  const say = (key: string, zh: string, en: string): void => void findings.push({ path: ['points', id, key], zh, en });
  const point = profile.points[id];
  if (point === undefined || point.compute !== undefined) return [];
  const table = point.table ?? profile.defaults.table;
  const isBitTable = table === 'coil' || table === 'discrete';
  if (point.at === undefined) say('at', '缺少地址（at）。', 'The address (at) is missing.');
  if (table === undefined) say('table', '缺少表（table），也没有默认值。', 'The table is missing, here and in defaults.');
  if (point.type === undefined && !isBitTable) say('type', '缺少类型（type）。', 'The type is missing.');
  if (isBitTable && point.type !== undefined && point.type !== 'bit')
    say('type', `${table} 里只有 bit。`, `A ${table} holds a bit only.`);
  if (point.type === 'bcdtime5' || point.type === 'bcdtime7')
    say('type', '寄存器里的时间是 time6 或 bcdtime6。', 'A time in registers is time6 or bcdtime6.');
  if (point.type === 'string' && point.length === undefined)
    say('length', '字符串需要长度（length，寄存器数）。', 'A string needs its length in registers.');
  if (point.group === undefined && point.every === undefined)
    say('group', '缺少轮询组（group）或周期（every）。', 'The poll group (or a period of its own, every) is missing.');
  else if (point.group !== undefined && !Object.hasOwn(profile.groups, point.group))
    say('group', `没有轮询组 "${point.group}"。`, `There is no group "${point.group}".`);
  if (profile.defaults.addressing === 'one-based' && point.at === 0)
    say('at', '地址从 1 开始数，没有 0。', 'Addresses count from 1 here; there is no 0.');
  const place = registerPoints({ ...profile, points: { [id]: point } })[0];
  if (place === undefined) return findings;
  if (place.start + place.count > 0x10000) say('at', '超出地址 65535。', 'Reaches past address 65535.');
  if (place.count > limits.maxRegisters)
    say(
      'type',
      `比一次能读的 ${limits.maxRegisters} 个寄存器还长。`,
      `Longer than the ${limits.maxRegisters} registers of one read.`,
    );
  return findings;
}

/** A value and what it depends on must come in one answer, so all must fit one block of the poll planner. */
function checkTogether(profile: Profile, { limits }: ModbusTransport): Finding[] {
  const places = registerPoints(profile);
  const together = readTogether(profile);
  return places.flatMap((place): Finding[] => {
    const others = places.filter(({ id }) => together.get(place.id)?.has(id) === true);
    const far = others.find((other) => !isOneBlock(profile, places, place, other, limits));
    if (far === undefined) return [];
    const { scaleExp, unitFrom } = place.point;
    return [
      {
        path: ['points', place.id, scaleExp === far.id ? 'scaleExp' : unitFrom === far.id ? 'unitFrom' : 'at'],
        zh: `"${far.id}" 必须与它在同一表、同一轮询组，并能一次读完。`,
        en: `"${far.id}" must be in the same table and group and near enough to be read at once.`,
      },
    ];
  });
}

/** As the poll planner does it: blocks grow from the lowest address until a gap or the length of a read ends them. */
function isOneBlock(
  profile: Profile,
  places: readonly RegisterPoint[],
  a: RegisterPoint,
  b: RegisterPoint,
  { maxRegisters, maxGap }: ModbusTransport['limits'],
): boolean {
  const groupOf = ({ point }: RegisterPoint) => pollGroupOf(profile, point)?.id;
  if (a.table !== b.table || groupOf(a) !== groupOf(b)) return false;
  let block: RegisterPoint[] = [];
  let end = 0;
  for (const place of places.filter((each) => each.table === a.table && groupOf(each) === groupOf(a))) {
    const start = block[0]?.start ?? place.start;
    const reach = Math.max(end, place.start + place.count);
    const fits = block.length > 0 && place.start - end <= maxGap && reach - start <= maxRegisters;
    if (!fits && block.includes(a) !== block.includes(b)) return false;
    block = fits ? [...block, place] : [place];
    end = fits ? reach : place.start + place.count;
  }
  return block.includes(a) === block.includes(b);
}

function checkNoMessages({ decode, time }: Profile): Finding[] {
  const findings: Finding[] = [];
  if (Object.keys(decode).length > 0)
    findings.push({ path: ['decode'], zh: 'Modbus 设备没有消息可解。', en: 'A Modbus device sends no messages to decode.' });
  if (time !== undefined)
    findings.push({ path: ['time'], zh: 'Modbus 设备没有消息时间。', en: 'A Modbus device sends no message time.' });
  return findings;
}
