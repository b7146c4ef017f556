import type { Json } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { MegatecChannel } from '@yihu/device-profiles/protocols/megatec.ts';
import type { Standing } from '../line/framing.ts';

/** One line of a UPS, without its end. Nothing in it is checked but its form: the protocol has no checksum. */
export interface MegatecLine {
  readonly text: string;
}

const carriageReturn = 0x0d;
/** `(` begins a state, `#` everything else (V2.7, C). */
const starts: ReadonlySet<number> = new Set([0x28, 0x23]);
const longestLine = 80;

/** The line that begins at `at`, up to its carriage return. A second beginning inside it means that the first was cut off. */
export function lineAt(bytes: Uint8Array, at: number): Standing<MegatecLine> | undefined {
  if (!starts.has(bytes[at] ?? 0)) return undefined;
  for (let end = at + 1; end < bytes.length && end - at <= longestLine; end += 1) {
    const byte = bytes[end] as number;
    if (byte === carriageReturn) return { frame: { text: textOf(bytes.subarray(at, end)) }, end: end + 1 };
    if (byte < 0x20 || byte > 0x7e || byte === 0x28) return undefined;
  }
  return undefined;
}

function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** One field of an answer, for people and for the pipeline. */
export interface MegatecField {
  readonly key: string;
  readonly text: string;
  readonly value: number | boolean | string | null;
  readonly zh: string;
  readonly en: string;
}

const statusNumbers = [
  { key: 'inputVoltage', zh: '输入电压 V', en: 'input voltage, V' },
  { key: 'inputFaultVoltage', zh: '上次转电池时的输入电压 V', en: 'input voltage of the last failure, V' },
  { key: 'outputVoltage', zh: '输出电压 V', en: 'output voltage, V' },
  { key: 'load', zh: '负载 %', en: 'load, %' },
  { key: 'frequency', zh: '输入频率 Hz', en: 'input frequency, Hz' },
  { key: 'batteryVoltage', zh: '电池电压 V（在线式为每节）', en: 'battery voltage, V (online models: of one cell)' },
  { key: 'temperature', zh: '温度 ℃', en: 'temperature, °C' },
] as const;

/** b7 first (V2.7, C.1.i). */
const statusBits = [
  { key: 'onBattery', zh: '市电失电', en: 'utility fail' },
  { key: 'batteryLow', zh: '电池电量低', en: 'battery low' },
  { key: 'bypass', zh: '旁路或稳压', en: 'bypass or boost' },
  { key: 'failed', zh: 'UPS 故障', en: 'UPS failed' },
  { key: 'standbyType', zh: '后备式', en: 'standby type' },
  { key: 'testing', zh: '正在测试', en: 'test in progress' },
  { key: 'shuttingDown', zh: '正在关机', en: 'shutdown active' },
  { key: 'beeper', zh: '蜂鸣器开', en: 'beeper on' },
] as const;

const ratingNumbers = [
  { key: 'voltage', zh: '额定电压 V', en: 'rated voltage, V' },
  { key: 'current', zh: '额定电流 A', en: 'rated current, A' },
  { key: 'batteryVoltage', zh: '电池额定电压 V', en: 'battery voltage, V' },
  { key: 'frequency', zh: '额定频率 Hz', en: 'rated frequency, Hz' },
] as const;

/** `(215.0 195.0 230.0 014 49.0 2.27 30.0 00101000` — undefined for any other line. */
export function statusOf({ text }: MegatecLine): MegatecField[] | undefined {
  const words = wordsOf(text, '(', statusNumbers.length + 1);
  const bits = words?.at(-1) ?? '';
  if (words === undefined || !/^[01]{8}$/.test(bits)) return undefined;
  const numbers = numbersOf(words.slice(0, -1), statusNumbers);
  return numbers === undefined
    ? undefined
    : [...numbers, ...statusBits.map((bit, at) => ({ ...bit, text: bits[at] as string, value: bits[at] === '1' }))];
}

/** `#220.0 000 024.0 50.0` — undefined for any other line. */
function ratingOf({ text }: MegatecLine): MegatecField[] | undefined {
  const words = wordsOf(text, '#', ratingNumbers.length);
  return words === undefined ? undefined : numbersOf(words, ratingNumbers);
}

export const readers: Readonly<Record<MegatecChannel, (line: MegatecLine) => MegatecField[] | undefined>> = {
  status: statusOf,
  rating: ratingOf,
};

function wordsOf(text: string, start: string, count: number): string[] | undefined {
  if (!text.startsWith(start)) return undefined;
  const words = text.slice(1).trim().split(/ +/);
  return words.length === count ? words : undefined;
}

/** A value the UPS does not measure is filled with signs such as `--.-` or `@@.@`; a mixture of both is no answer. */
function numbersOf(
  words: readonly string[],
  names: readonly { key: string; zh: string; en: string }[],
): MegatecField[] | undefined {
  const fields = names.map((name, at): MegatecField | undefined => {
    const text = words[at] ?? '';
    if (/^\d{1,4}(\.\d{1,3})?$/.test(text)) return { ...name, text, value: Number(text) };
    return /^[^\dA-Za-z]{1,6}$/.test(text) ? { ...name, text, value: null } : undefined;
  });
  return fields.every((field) => field !== undefined) ? fields : undefined;
}

export function jsonOf(fields: readonly MegatecField[]): Json {
  return Object.fromEntries(fields.map(({ key, value }) => [key, value]));
}
