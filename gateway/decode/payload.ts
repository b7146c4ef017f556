import { decodeText } from './text.ts';
import type { Refusal } from './value.ts';

/** A message larger or deeper than this is refused before it is parsed. */
export const maxPayloadBytes = 256 * 1024;
export const maxPayloadDepth = 32;

export const refusals = {
  tooLarge: {
    code: 'too-large',
    zh: '消息超过 256 KB，未解析；请检查设备是否在发送图片。',
    en: 'The message is larger than 256 KB and was not parsed; check whether the device sends pictures.',
  },
  notText: {
    code: 'not-utf8',
    zh: '消息不是 UTF-8 文字；请检查设备的消息格式。',
    en: 'The message is not UTF-8 text; check the message format set on the device.',
  },
  notJson: {
    code: 'not-json',
    zh: '消息不是有效的 JSON；请检查设备的消息格式。',
    en: 'The message is not valid JSON; check the message format set on the device.',
  },
  tooDeep: {
    code: 'too-deep',
    zh: '消息嵌套超过 32 层，未解析。',
    en: 'The message is nested deeper than 32 levels and was not parsed.',
  },
  noBranch: {
    code: 'no-branch',
    zh: '档案没有说明如何读这种消息；请检查设备型号与档案是否一致。',
    en: 'The profile does not say how to read this message; check that device and profile are the same model.',
  },
  noChannel: {
    code: 'no-channel',
    zh: '档案没有说明这个主题；请检查设备型号与档案是否一致。',
    en: 'The profile knows nothing of this topic; check that device and profile are the same model.',
  },
} as const satisfies Record<string, Refusal>;

/** A message as text and, when first asked for, as JSON. */
export interface Payload {
  readonly text: string;
  json(): { json: unknown } | { refused: Refusal };
}

/** Never throws, whatever the bytes. */
export function openPayload(bytes: Uint8Array): Payload | { refused: Refusal } {
  if (bytes.length > maxPayloadBytes) return { refused: refusals.tooLarge };
  const text = decodeText(bytes, 'utf8');
  if (text === undefined) return { refused: refusals.notText };
  let parsed: ReturnType<Payload['json']> | undefined;
  return { text, json: () => (parsed ??= parseJson(text)) };
}

function parseJson(text: string): { json: unknown } | { refused: Refusal } {
  if (depthOf(text) > maxPayloadDepth) return { refused: refusals.tooDeep };
  try {
    return { json: /\d{16}/.test(text) ? (JSON.parse(text, keepDigits) as unknown) : (JSON.parse(text) as unknown) };
  } catch (error) {
    if (error instanceof SyntaxError) return { refused: refusals.notJson };
    throw error;
  }
}

/** Integers past 2^53 become big integers from their own digits (JSON.parse source text access), not the nearest double. */
function keepDigits(this: unknown, _key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source ?? '';
  const isLarge = typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d{1,64}$/.test(source);
  return isLarge ? BigInt(source) : value;
}

/** Deepest nesting of brackets outside of strings. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 0x5c) i++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (code === 0x7d || code === 0x5d) depth--;
  }
  return deepest;
}
