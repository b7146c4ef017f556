import { createReadStream } from 'node:fs';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { systemClock } from '../clock.ts';
import { codecs } from '../codecs.ts';
import type { Codec } from '../collect/codec.ts';
import { hexLines, mostText } from '../commission/monitor-text.ts';
import { type Pasted, readWire, type Rest, type WireReading, wiresFor } from '../commission/read-wire.ts';
import { compile, type Decoded } from '../decode/decode.ts';
import { nearest } from '../nearest.ts';
import type { DecodeOptions } from './decode.ts';
import { decodedLines, pointsOf } from './decoded.ts';
import { type Output, type Speech, exit, table } from './output.ts';
import { profileNamed } from './profile-file.ts';

/** What an installer pastes from a line monitor: each frame's fields, or why it is refused. */
export async function decodeWire(file: string | undefined, options: DecodeOptions, output: Output): Promise<void> {
  const pasted = await pastedOf(file, options);
  if ('unreadable' in pasted) return output.fail(exit.problem, pasted.unreadable);
  if (pasted.text.trim() === '') return output.fail(exit.usage, nothingPasted);
  if (pasted.as === 'hex' && hexLines(pasted.text).length === 0)
    return output.fail(exit.problem, noHex, { schema, reason: noHex.code });
  const loaded = options.profile === undefined ? null : await profileNamed(options.profile, output);
  if (loaded === undefined) return;
  const codec = options.wire === undefined ? null : codecs.get(options.wire);
  if (codec === undefined) return output.fail(exit.usage, noWire(options.wire ?? ''));
  const readings = codec === null ? wiresFor(codecs.values(), pasted) : [readWire(codec, pasted)];
  const [best, ...others] = readings;
  if (best === undefined) return output.fail(exit.problem, noneFits, { schema, wires: [...codecs.keys()] });
  if (best.frames.length === 0) return refuse(best, output);
  show(best, others, loaded?.profile ?? null, output);
}

const schema = 'yihu.decode-wire/1';

async function pastedOf(file: string | undefined, { hex, text }: DecodeOptions): Promise<Pasted | { unreadable: Speech }> {
  if (hex !== undefined) return { text: hex, as: 'hex' };
  if (text !== undefined) return { text, as: 'text' };
  if (file === undefined && process.stdin.isTTY) return { text: '', as: 'either' };
  try {
    return { text: await textOf(file === undefined || file === '-' ? process.stdin : createReadStream(file)), as: 'either' };
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code);
    return {
      unreadable: {
        zh: `读不到 ${file ?? '-'}（${code}）。请检查路径和权限；报文本身用 --hex 给出。`,
        en: `${file ?? '-'} cannot be read (${code}). Check the path and its permissions; a frame itself is given with --hex.`,
      },
    };
  }
}

/** As much of it as is ever looked at. */
async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > mostText) break;
  }
  return text;
}

const nothingPasted: Speech = {
  zh: '没有报文。例：yihu-gateway decode --wire modbus-rtu --hex "01 03 04 02 92 FF 9B 5A 3D"，或把监听记录用管道送进来。',
  en: 'There is nothing to take apart. Example: yihu-gateway decode --wire modbus-rtu --hex "01 03 04 02 92 FF 9B 5A 3D", or pipe the monitor’s record into it.',
};

function noWire(said: string): Speech {
  const known = [...codecs.keys()];
  const near = known.find((wire) => wire.startsWith(said) && said !== '') ?? nearest(said, known);
  return {
    zh: `没有协议 ${said}。${near === null ? '' : `想写 ${near}？`}可以是：${known.join('、')}。`,
    en: `There is no wire ${said}. ${near === null ? '' : `Did you mean ${near}? `}It may be: ${known.join(', ')}.`,
  };
}

const noHex = {
  code: 'nothing',
  zh: '里面没有十六进制的字节：每个字节两位，0–9 和 A–F，如 01 03 0A。文字报文用 --text。',
  en: 'There are no bytes in hex in it: two digits a byte, 0–9 and A–F, such as 01 03 0A. A frame that is text is given with --text.',
};

const noneFits: Speech = {
  zh: '没有一种协议读得懂这段内容。知道协议时写上 --wire，会说明哪里不对；也请核对波特率和校验位：设错时收到的就是乱码。',
  en: 'No wire can read this. Name it with --wire where you know it, and it is said what is wrong. Check baud rate and parity too: set wrong, all that comes is noise.',
};

function refuse({ wire, rest }: WireReading, output: Output): void {
  const why = rest[0]?.why ?? noHex;
  const next = {
    zh: `${why.zh}不知道是哪种协议时去掉 --wire，全部试一遍。`,
    en: `${why.en} Where the wire is not known, leave --wire out and all are tried.`,
  };
  output.fail(exit.problem, next, { schema, wire, reason: why.code });
}

function show(reading: WireReading, others: readonly WireReading[], profile: Profile | null, output: Output): void {
  const { wire, frames, rest } = reading;
  const codec = codecs.get(wire);
  const isText = codec?.isText === true;
  const meant =
    profile === null
      ? null
      : meaningOf(
          profile,
          codec,
          frames.map(({ bytes }) => bytes),
        );
  if (rest.length > 0 || (meant !== null && 'refused' in meant)) process.exitCode = exit.problem;
  const document = {
    schema,
    wire,
    ...(others.length > 0 && { also: others.map((other) => ({ wire: other.wire, frames: other.frames.length })) }),
    frames: frames.map(({ bytes, fields }) => ({ hex: hexOf(bytes), fields })),
    rest: rest.map(({ bytes, why }) => ({ hex: hexOf(bytes), ...why })),
    ...(meant &&
      profile && { profile: profile.id, ...('refused' in meant ? { refused: meant.refused } : pointsOf(profile, meant)) }),
  };
  const title = output.say({ zh: `协议 ${wire}`, en: `wire ${wire}` });
  const also = others.length === 0 ? [] : [`  ${output.say(alsoFits(others))}`];
  output.result(document, [
    title,
    ...also,
    ...frames.flatMap(({ bytes, fields }, index) => [
      '',
      `${frames.length > 1 ? `#${index + 1}  ` : ''}${printed(bytes, isText)}`,
      ...table(fields.map(({ name, value, zh, en }) => ['  ' + name, value, (output.language === 'zh' ? zh : en) ?? ''])),
    ]),
    ...rest.flatMap((each) => ['', ...restLines(each, isText, output)]),
    ...(meant === null || profile === null ? [] : ['', ...meaningLines(profile, meant, output)]),
  ]);
}

function alsoFits(others: readonly WireReading[]): Speech {
  const names = others.map(({ wire }) => wire);
  return {
    zh: `也可能是：${names.join('、')}（用 --wire 指定）`,
    en: `it could also be: ${names.join(', ')} (name it with --wire)`,
  };
}

const mostShown = 64;

function restLines({ bytes, why }: Rest, isText: boolean, output: Output): string[] {
  const more = bytes.length > mostShown ? ` … (${bytes.length} B)` : '';
  return [`✗ ${printed(bytes.subarray(0, mostShown), isText)}${more}`, `  ${output.say(why)}`];
}

/** As text where the wire is written down so, and nothing in it would make a terminal do something. */
function printed(bytes: Uint8Array, isText: boolean): string {
  const text = isText ? Buffer.from(bytes).toString('utf8').trim() : '';
  return /^[\P{C}\r\n]+$/u.test(text) ? text : hexOf(bytes);
}

type Meaning = Decoded | { readonly refused: { readonly code: string; readonly zh: string; readonly en: string } };

/** What the frames mean by a profile: all together where a request and its answer belong together, else one by one. */
function meaningOf(profile: Profile, codec: Codec | undefined, frames: readonly Uint8Array[]): Meaning {
  if (codec?.frames === undefined) return { refused: forPeopleOnly };
  const read = (bytes: Uint8Array) => codec.frames?.(profile, bytes) ?? { refused: forPeopleOnly };
  const together = read(Buffer.concat(frames));
  const each = 'bodies' in together ? [together] : frames.map(read);
  const bodies = each.flatMap((one) => ('bodies' in one ? one.bodies : []));
  if (bodies.length === 0) return { refused: 'refused' in together && frames.length > 1 ? together.refused : refusalIn(each) };
  const decoder = compile(profile);
  const decoded = bodies.map((body) => decoder.decode({ device: 'decode', at: systemClock.now(), body }));
  const left = decoded.find((one) => one.left !== undefined)?.left;
  return {
    readings: decoded.flatMap(({ readings }) => readings),
    events: decoded.flatMap(({ events }) => events),
    ...(left && { left }),
  };
}

function refusalIn(each: readonly ReturnType<NonNullable<Codec['frames']>>[]) {
  const [first] = each.flatMap((one) => ('refused' in one ? [one.refused] : []));
  return first ?? forPeopleOnly;
}

const forPeopleOnly = {
  code: 'no-values',
  zh: '这种报文里没有档案的点位。',
  en: 'Such a frame has none of the profile’s points.',
};

function meaningLines(profile: Profile, meant: Meaning, output: Output): string[] {
  const title = output.say({ zh: `按档案 ${profile.id}：`, en: `by profile ${profile.id}:` });
  if ('refused' in meant && !('readings' in meant)) return [title, `✗ ${output.say(meant.refused)}`];
  return [title, ...decodedLines(profile, meant, output)];
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('hex')
    .toUpperCase()
    .replaceAll(/..(?=.)/g, '$& ');
}
