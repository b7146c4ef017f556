import type { Point } from '../vocabulary/point.ts';
import type { Profile } from '../vocabulary/profile.ts';
import { checkRelations } from './check-relations.ts';
import type { Finding } from './source.ts';
import { valueKind } from './value-kind.ts';

/** Units whose zero is a convention, so that a percentage of them means nothing. */
const intervalUnits = new Set(['Cel', 'dBm', 'dB{A}', 'deg']);
/** Units in which nothing outside 0 to 100 exists. */
const percentUnits = new Set(['%', '%RH']);

/** One frame's readings travel in one record, which holds no more (see `record.ts`). */
const mostPoints = 1024;

type Say = (key: string, zh: string, en: string) => void;

export function checkPoints(profile: Profile): Finding[] {
  const findings: Finding[] = [];
  if (Object.keys(profile.points).length === 0 && Object.keys(profile.events).length === 0) {
    findings.push({ path: ['points'], zh: '档案既没有点位也没有事件。', en: 'The profile has neither points nor events.' });
  }
  if (Object.keys(profile.points).length > mostPoints) {
    findings.push({
      path: ['points'],
      zh: `点位超过 ${mostPoints} 个；请拆成几个档案。`,
      en: `More than ${mostPoints} points; make several profiles of it.`,
    });
  }
  for (const [id, point] of Object.entries(profile.points)) {
    const say: Say = (key, zh, en) => findings.push({ path: ['points', id, key], zh, en });
    checkNumbers(point, say);
    if (point.serial !== undefined && !Object.hasOwn(profile.points, point.serial))
      say('serial', `没有点位 "${point.serial}"。`, `There is no point "${point.serial}".`);
    checkType(point, say);
    checkEnum(point, say);
    checkDeadband(point, say);
    checkRelations(profile, id, point, say);
  }
  return findings;
}

function checkNumbers(point: Point, say: Say): void {
  const { valid, scale, wrap, maxRate, kind, simulate, round } = point;
  const isNumber = valueKind(point) === 'number';
  if (valid !== undefined && valid[0] >= valid[1])
    say('valid', '有效范围的下限必须小于上限。', 'The lower end of valid must be below the upper.');
  if (scale === 0) say('scale', '倍率不能为 0。', 'A scale of 0 makes every value 0.');
  if (!isNumber && (valid ?? scale ?? round ?? point.offset) !== undefined) {
    say('name', '只有数值点位才有 valid、scale、offset、round。', 'Only a number has valid, scale, offset or round.');
  }
  if (kind === 'counter' && !isNumber) say('kind', '计数器必须是数值。', 'A counter must be a number.');
  if (wrap !== undefined && kind !== 'counter')
    say('wrap', '只有计数器（kind: counter）才会翻转。', 'Only a counter (kind: counter) wraps.');
  if (maxRate !== undefined && kind !== 'counter')
    say('maxRate', '只有计数器（kind: counter）才有最大速率。', 'Only a counter (kind: counter) has a highest rate.');
  if (point.serial !== undefined && kind !== 'counter')
    say('serial', '只有计数器（kind: counter）才有表号。', 'Only a counter (kind: counter) has a serial number.');
  if (simulate !== undefined && simulate.from > simulate.to)
    say('simulate', '模拟范围的 from 不得大于 to。', 'simulate.from must not be above simulate.to.');
  if (simulate !== undefined && valid !== undefined && (simulate.from < valid[0] || simulate.to > valid[1])) {
    say('simulate', '模拟范围超出有效范围。', 'The simulated range is outside of valid.');
  }
}

function checkType({ type, kind, at, skip, bits, signed, byte, length, encoding, oneHot }: Point, say: Say): void {
  const isInteger = type === undefined || /^[us]\d+$/.test(type) || type === 'bit';
  if (signed !== undefined && !type?.startsWith('bcd'))
    say('signed', 'signed 只用于 BCD；整数请用 s16、s32。', 'signed is for BCD; integers have s16, s32.');
  if (byte !== undefined && type !== 'u8' && type !== 's8') say('byte', 'byte 只用于 u8 和 s8。', 'byte is for u8 and s8 only.');
  if (length !== undefined && type !== 'string') say('length', 'length 只用于 string。', 'length is for string only.');
  if (encoding !== undefined && type !== 'string') say('encoding', 'encoding 只用于 string。', 'encoding is for string only.');
  if (type?.includes('time') === true && kind !== 'text') say('kind', '时间点位应为 kind: text。', 'A time is kind: text.');
  if (skip !== undefined && typeof at !== 'string')
    say('skip', 'skip 只用于按键取值的点位（at 是键）。', 'skip is for points whose at is the key of an item.');
  if (bits !== undefined && !isInteger) say('bits', '只有整数才能取位。', 'Only an integer has bits.');
  if (bits !== undefined && type === 'bit' && (bits.width !== 1 || bits.shift > 15))
    say('bits', 'bit 类型只取一位（0–15）。', 'Type bit takes one bit, 0 to 15.');
  const size = type === undefined || type === 'bit' || type.includes('time') ? 64 : Number(/\d+$/.exec(type)?.[0] ?? 64);
  if (bits !== undefined && bits.shift + bits.width > size)
    say('bits', `超出 ${type} 的 ${size} 位。`, `Reaches past the ${size} bits of ${type}.`);
  if (oneHot === true && !isInteger) say('oneHot', '只有整数才能按位取名。', 'Only an integer can be one-hot.');
}

function checkEnum({ type, enum: names, oneHot, bits }: Point, say: Say): void {
  if (names === undefined) return;
  if (Object.keys(names).length === 0) say('enum', '枚举是空的。', 'The enum is empty.');
  const seen = new Set<string>();
  for (const [key, { value }] of Object.entries(names)) {
    if (!isEnumKey(key, type, oneHot === true, bits?.width)) {
      say('enum', `"${key}" 不是 ${type ?? 'JSON'} 能有的值。`, `"${key}" is no value that ${type ?? 'JSON'} can have.`);
    }
    if (seen.has(value)) say('enum', `"${value}" 出现了两次。`, `"${value}" is there twice.`);
    seen.add(value);
  }
}

function isEnumKey(key: string, type: Point['type'], oneHot: boolean, width: number | undefined): boolean {
  if (type === undefined || type === 'string') return key.length > 0;
  if (type.startsWith('f') || type.includes('time')) return false;
  if (!/^-?\d{1,20}$/.test(key)) return false;
  const value = BigInt(key);
  if (oneHot) return value >= 0n && value < 64n;
  if (type.startsWith('bcd')) return value >= 0n && key.length <= Number(type.slice(3)) / 4;
  const size = width ?? (type === 'bit' ? 1 : Number(type.slice(1)));
  const isSigned = type.startsWith('s') && width === undefined;
  return isSigned ? BigInt.asIntN(size, value) === value : BigInt.asUintN(size, value) === value;
}

function checkDeadband(point: Point, say: Say): void {
  const { deadband, unit, valid, heartbeat } = point;
  if (deadband === undefined) return;
  if (valueKind(point) !== 'number')
    return say(
      'deadband',
      '只有数值才有死区；状态每次变化都记录。',
      'Only a number has a deadband; a state is recorded at every change.',
    );
  const isShare = typeof deadband === 'object';
  if (isShare && intervalUnits.has(unit)) {
    say(
      'deadband',
      `${unit} 的百分比没有意义；请写绝对值。`,
      `A percentage of ${unit} means nothing; write an absolute deadband.`,
    );
  }
  const amount = isShare ? deadband.min : deadband;
  const width = percentUnits.has(unit) ? 100 : valid === undefined ? Infinity : valid[1] - valid[0];
  if (width > 0 && amount >= width / 2) {
    say(
      'deadband',
      `死区 ${amount} ${unit} 太大，几乎不会再有记录。`,
      `A deadband of ${amount} ${unit} is so wide that hardly anything is recorded.`,
    );
  }
  if (heartbeat === undefined) {
    say(
      'deadband',
      '有死区就要有 heartbeat，否则看不出设备是稳定还是失联。',
      'A deadband needs a heartbeat, or a steady value looks like a lost one.',
    );
  }
}
