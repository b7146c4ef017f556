import { megatecChannels } from '@yihu/device-profiles/protocols/megatec.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Codec, Explained, Refused, Span } from '../codec.ts';
import { jsonOf, lineAt, type MegatecLine, readers } from './answer.ts';

export const codecs: readonly Codec[] = [{ name: 'megatec', isText: true, find, explain, frames }];

/** Lines with an answer in them, whatever stands in front of it. */
function find(bytes: Uint8Array): Span[] {
  const text = Buffer.from(bytes).toString('latin1');
  return [...text.matchAll(/[(#][^\r\n(]{4,80}/g)]
    .map(({ 0: line, index }) => ({ at: index, end: index + line.trimEnd().length }))
    .filter(({ at, end }) => !('refused' in explain(bytes.subarray(at, end))));
}

/** One line; the carriage return may be missing or be any line end, as text is written down. */
function open(bytes: Uint8Array): MegatecLine | Refused {
  let length = bytes.length;
  while (length > 0 && [0x0d, 0x0a].includes(bytes[length - 1] as number)) length -= 1;
  const line = Uint8Array.from([...bytes.subarray(0, Math.min(length, 200)), 0x0d]);
  const standing = lineAt(line, 0);
  if (standing === undefined || standing.end !== length + 1) {
    return refuse(
      'no-line',
      '这不是 UPS 的应答：应以 ( 或 # 开头，只有一行可见字符。',
      'No answer of a UPS: it begins with ( or # and is one line of printable characters.',
    );
  }
  return standing.frame;
}

function refuse(code: string, zh: string, en: string): Refused {
  return { refused: { code, zh, en } };
}

const wrongForm = refuse(
  'wrong-form',
  '应答的格式不对：状态应为 7 个数和 8 位，例如 (215.0 195.0 230.0 014 49.0 2.27 30.0 00101000。',
  'The answer has another form: a state is seven numbers and eight bits, such as (215.0 195.0 230.0 014 49.0 2.27 30.0 00101000.',
);

function read(line: MegatecLine) {
  for (const channel of megatecChannels) {
    const fields = readers[channel](line);
    if (fields !== undefined) return { channel, fields };
  }
  return undefined;
}

function explain(bytes: Uint8Array): Explained {
  const line = open(bytes);
  if ('refused' in line) return line;
  const said = read(line);
  if (said === undefined) return wrongForm;
  return {
    fields: said.fields.map(({ key, text, value, zh, en }) => {
      if (typeof value !== 'boolean') return { name: key, value: text, zh, en };
      return { name: key, value: text, zh: `${zh}：${value ? '是' : '否'}`, en: `${en}: ${value ? 'yes' : 'no'}` };
    }),
  };
}

function frames(_: Profile, bytes: Uint8Array): ReturnType<NonNullable<Codec['frames']>> {
  const line = open(bytes);
  if ('refused' in line) return line;
  const said = read(line);
  return said === undefined ? wrongForm : { bodies: [{ kind: 'fields', channel: said.channel, fields: jsonOf(said.fields) }] };
}
