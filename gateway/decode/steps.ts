import type { Step, Steps } from '@yihu/device-profiles/vocabulary/message.ts';
import type { Encoding } from '@yihu/device-profiles/vocabulary/point.ts';
import { type Read, readColumns, readForm, readJson, readLines, readPairs, readXmlText } from './forms.ts';
import { decodeText } from './text.ts';
import { compileStructStep, compileTlvStep } from './tlv.ts';
import type { Refusal } from './value.ts';

/** Reads bytes, text, or a part of a tree that is one of them. Never throws. */
export type ReadInput = (input: unknown) => Read;

const refusals = {
  notText: {
    code: 'not-utf8',
    zh: '消息不是 UTF-8 文字；请检查设备的消息格式。',
    en: 'The message is not UTF-8 text; check the message format set on the device.',
  },
  notEncoded: {
    code: 'not-text',
    zh: '消息不是档案所说的编码；请检查设备的消息格式。',
    en: 'The message is not in the encoding the profile says; check the message format set on the device.',
  },
  notBytes: {
    code: 'not-bytes',
    zh: '这部分消息不是 base64 或十六进制；请检查设备的消息格式。',
    en: 'This part of the message is not base64 or hex; check the message format set on the device.',
  },
} as const satisfies Record<string, Refusal>;

const usual: Steps = 'json';

/** Prepares a chain of readings; without one, JSON. */
export function compileSteps(steps: Steps = usual): ReadInput {
  return [steps].flat().reduceRight<ReadInput>(
    (next, step) => compileStep(step, next),
    (input) => ({ tree: input }),
  );
}

/** What the end of a chain is: a tree with types of its own, or text in which they are spelled. */
export function endsInText(steps: Steps = usual): boolean {
  const last = [steps].flat().at(-1);
  return !(last === 'json' || (typeof last === 'object' && ('struct' in last || 'tlv' in last)));
}

function compileStep(step: Step, next: ReadInput): ReadInput {
  if (typeof step === 'string') return compileWord(step, next);
  if ('pairs' in step) return ofText(readPairs(step.pairs));
  if ('columns' in step) return ofText(readColumns(step));
  if ('lines' in step) return ofText(readLines(step.lines.between, next));
  return ofBytes('struct' in step ? compileStructStep(step) : compileTlvStep(step));
}

function compileWord(step: Extract<Step, string>, next: ReadInput): ReadInput {
  switch (step) {
    case 'json':
      return ofText(readJson);
    case 'xml':
      return ofText(readXmlText);
    case 'form':
      return ofText(readForm);
    case 'pairs':
      return ofText(readPairs({ between: '\t', is: '=' }));
    case 'lines':
      return ofText(readLines(undefined, next));
    case 'text':
      return ofText((text) => ({ tree: text.trim() }));
    case 'base64':
      return ofText((text) => fromBytesText(base64(text), next));
    case 'hex':
      return ofText((text) => fromBytesText(hex(text), next));
    case 'utf8':
    case 'gb18030':
    case 'ascii':
      return ofBytes((bytes) => encoded(bytes, step, next));
  }
}

function ofText(read: (text: string) => Read): ReadInput {
  return (input) => {
    const text = typeof input === 'string' ? input : input instanceof Uint8Array ? decodeText(input, 'utf8') : undefined;
    return text === undefined ? { refused: refusals.notText } : read(text);
  };
}

function ofBytes(read: (bytes: Uint8Array) => Read): ReadInput {
  return (input) => (input instanceof Uint8Array ? read(input) : { refused: refusals.notBytes });
}

function encoded(bytes: Uint8Array, encoding: Encoding, next: ReadInput): Read {
  const text = decodeText(bytes, encoding);
  return text === undefined ? { refused: refusals.notEncoded } : next(text);
}

function fromBytesText(bytes: Uint8Array | undefined, next: ReadInput): Read {
  return bytes === undefined ? { refused: refusals.notBytes } : next(bytes);
}

/** Both alphabets, with and without padding; anything else is no base64. */
function base64(text: string): Uint8Array | undefined {
  const digits = text.replaceAll(/\s/g, '');
  return /^[A-Za-z0-9+/_-]*={0,2}$/.test(digits) ? Buffer.from(digits, 'base64') : undefined;
}

function hex(text: string): Uint8Array | undefined {
  const digits = text.replaceAll(/\s/g, '');
  return digits.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(digits) ? Buffer.from(digits, 'hex') : undefined;
}
