import { registerCount } from '@yihu/device-profiles/library/registers.ts';
import type { Encoding, Order, Point, WireType } from '@yihu/device-profiles/vocabulary/point.ts';
import type { QualityReason, Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import { displayed32 } from './float.ts';
import { compileInterpret } from './interpret.ts';
import { compileRead } from './wire.ts';

/** One value to decode by hand, as the installer's command line asks for it. */
export interface WordsRequest {
  readonly type: WireType;
  readonly order?: Order;
  /** 16-bit registers in the order they came. */
  readonly words: readonly number[];
  readonly encoding?: Encoding;
  readonly byte?: 'low' | 'high';
  readonly bits?: { shift: number; width: number };
  readonly signed?: boolean;
  readonly scale?: number;
  readonly offset?: number;
  readonly round?: number;
  readonly invalid?: (number | string)[];
  readonly valid?: [number, number];
}

export interface Refusal {
  readonly code: string;
  readonly zh: string;
  readonly en: string;
}

/**
 * Decodes exactly one value. Too few and too many words, and anything that is not a good value, is a refusal.
 * An f32 is shown to one unit in its last place, as on the device's display; `exact` is there where that differs.
 */
export function decodeWords(request: WordsRequest): { value: Value; exact?: Value } | { refused: Refusal } {
  const { words, type, order = 'ABCD' } = request;
  const refused = wrongWords(words, type);
  if (refused !== undefined) return { refused };
  const raw = compileRead({ ...request, order, length: words.length })(words, 0);
  const interpret = compileInterpret(pointOf(request));
  const { value, quality, reason } = interpret(raw);
  if (quality !== 'good') return { refused: because(reason ?? 'invalid-value', value) };
  if (type !== 'f32' || typeof raw !== 'number') return { value };
  const shown = interpret(displayed32(Math.fround(raw))).value;
  return shown === value ? { value } : { value: shown, exact: value };
}

function pointOf({ type, scale, offset, round, invalid, valid }: WordsRequest): Point {
  return {
    name: { zh: '值' },
    unit: '1',
    kind: 'gauge',
    type,
    ...(scale !== undefined && { scale }),
    ...(offset !== undefined && { offset }),
    ...(round !== undefined && { round }),
    ...(invalid !== undefined && { invalid }),
    ...(valid !== undefined && { valid }),
  };
}

function wrongWords(words: readonly number[], type: WireType): Refusal | undefined {
  const odd = words.find((word) => !Number.isInteger(word) || word < 0 || word > 0xffff);
  if (odd !== undefined) {
    const zh = `${String(odd)} 不是 16 位寄存器的值；请写成 0000 到 ffff 之间的十六进制数。`;
    return { code: 'not-a-word', zh, en: `${String(odd)} is not a 16-bit register; write a hex number from 0000 to ffff.` };
  }
  const need = type === 'string' ? Math.max(words.length, 1) : registerCount(type);
  if (words.length === need) return undefined;
  const few = words.length < need;
  return {
    code: few ? 'too-short' : 'too-long',
    zh: `${type} 需要 ${need} 个寄存器，给了 ${words.length} 个；请${few ? '补齐' : '去掉多余的'}寄存器，或换一个类型。`,
    en: `${type} takes ${need} register(s), ${words.length} given; ${few ? 'add the missing' : 'leave out the extra'} ones or choose another type.`,
  };
}

const sentences: Partial<Record<QualityReason, { zh: string; en: string }>> = {
  'not-a-number': {
    zh: '这些寄存器不是一个数（NaN、无穷大或非十进制的 BCD 位）；请检查类型、字节顺序和地址。',
    en: 'These registers hold no number (NaN, infinity or a BCD digit above 9); check type, byte order and address.',
  },
  'invalid-value': {
    zh: '设备用这个值表示"没有数据"，或文字不符合所给编码；请检查传感器接线和编码。',
    en: 'The device writes this for "no value", or the text is not of that encoding; check the sensor and the encoding.',
  },
  'out-of-range': {
    zh: '数值超出有效范围；请检查类型、字节顺序和倍率。',
    en: 'The value is outside the valid range; check type, byte order and scale.',
  },
};

function because(code: QualityReason, value: Value): Refusal {
  const sentence = sentences[code] ?? { zh: '不能解释这个值。', en: 'This value cannot be interpreted.' };
  const seen = value === null ? '' : ` (${String(value)})`;
  return { code, zh: sentence.zh + seen, en: sentence.en + seen };
}
