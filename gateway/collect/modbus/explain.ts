import type { CodecField, Explained, Refused } from '../codec.ts';
import { hexByte, hexOf } from '../line/framing.ts';
import { exceptionText } from './exceptions.ts';
import { identificationLength, objectNames, objectsOf } from './identification.ts';
import { type Opened, refuse } from './opened.ts';
import { answerLength, type Request, takeAnswer } from './pdu.ts';
import { bits, requestIn, words } from './request-in.ts';

const functionNames: Readonly<Record<number, { zh: string; en: string }>> = {
  1: { zh: '读线圈', en: 'read coils' },
  2: { zh: '读离散输入', en: 'read discrete inputs' },
  3: { zh: '读保持寄存器', en: 'read holding registers' },
  4: { zh: '读输入寄存器', en: 'read input registers' },
  5: { zh: '写单个线圈', en: 'write one coil' },
  6: { zh: '写单个寄存器', en: 'write one register' },
  7: { zh: '读异常状态', en: 'read exception status' },
  8: { zh: '诊断', en: 'diagnostics' },
  11: { zh: '读通信事件计数', en: 'get comm event counter' },
  12: { zh: '读通信事件记录', en: 'get comm event log' },
  15: { zh: '写多个线圈', en: 'write coils' },
  16: { zh: '写多个寄存器', en: 'write registers' },
  17: { zh: '报告从站标识', en: 'report server id' },
  20: { zh: '读文件记录', en: 'read file record' },
  21: { zh: '写文件记录', en: 'write file record' },
  22: { zh: '按位改写寄存器', en: 'mask write register' },
  23: { zh: '读写多个寄存器', en: 'read and write registers' },
  24: { zh: '读先入先出队列', en: 'read FIFO queue' },
  43: { zh: '读设备标识', en: 'read device identification' },
};

/** What stands in frames that follow each other; an answer is read by the request in front of it. */
export function explainFrames(frames: readonly Opened[]): Explained {
  const fields: CodecField[] = [];
  let asked: Request | undefined;
  for (const frame of frames) {
    const own = fieldsOf(frame, asked);
    if ('refused' in own) return own;
    fields.push(...own);
    const answersIt = asked !== undefined && asked.unit === frame.unit && asked.fn === ((frame.pdu[0] ?? 0) & 0x7f);
    asked = answersIt ? undefined : requestIn(frame.unit, frame.pdu);
  }
  return { fields };
}

function fieldsOf({ unit, pdu, head, tail }: Opened, asked: Request | undefined): CodecField[] | Refused {
  const inside = pduFields(unit, pdu, asked);
  if ('refused' in inside) return inside;
  const whose = unit === 0 ? { zh: '广播', en: 'broadcast' } : { zh: `从站 ${unit}`, en: `unit ${unit}` };
  return [...head, { name: 'unit', value: hexByte(unit), ...whose }, ...inside, ...tail];
}

function pduFields(unit: number, pdu: Buffer, asked: Request | undefined): CodecField[] | Refused {
  const code = pdu[0] ?? 0;
  if (code > 0x80) return exceptionFields(pdu);
  const request = requestIn(unit, pdu);
  const isAnswer = asked !== undefined && asked.unit === unit && asked.fn === code;
  if (request !== undefined && !isAnswer) return requestFields(request, pdu);
  const said = answerFields(pdu, isAnswer ? asked : undefined);
  if ('refused' in said) return said;
  // With the request in front it is known what the answer had to be.
  if (isAnswer && takeAnswer(asked, pdu, 0, pdu.length) === undefined) return notItsAnswer(asked, pdu);
  return [functionField(code, 'answer'), ...said];
}

function functionField(code: number, what: 'request' | 'answer' | 'either'): CodecField {
  const name = functionNames[code] ?? { zh: '未知功能码', en: 'unknown function' };
  const kind = { request: ['请求', 'request'], answer: ['应答', 'answer'], either: ['请求或其应答', 'request or its answer'] }[
    what
  ];
  return { name: 'function', value: hexByte(code), zh: `${name.zh}，${kind[0] ?? ''}`, en: `${name.en}, ${kind[1] ?? ''}` };
}

function exceptionFields(pdu: Buffer): CodecField[] | Refused {
  if (pdu.length !== 2)
    return refuse(
      'wrong-length',
      `异常应答应为 2 个字节，这里有 ${pdu.length} 个。`,
      `An exception has 2 bytes; these are ${pdu.length}.`,
    );
  const [code = 0, exception = 0] = pdu;
  const name = functionNames[code & 0x7f] ?? { zh: '未知功能码', en: 'unknown function' };
  return [
    { name: 'function', value: hexByte(code), zh: `${name.zh}，异常应答`, en: `${name.en}, exception` },
    { name: 'exception', value: hexByte(exception), ...exceptionText(exception) },
  ];
}

function number(name: string, value: number, zh: string, en: string): CodecField {
  return { name, value: hexOf(Uint8Array.of(value >> 8, value & 0xff)), zh, en };
}

function placeField(name: string, at: number): CodecField {
  return number(name, at, `地址 ${at}（从 0 算）`, `address ${at}, from zero`);
}

function countField(name: string, count: number): CodecField {
  return number(name, count, `${count} 个`, `${count} of them`);
}

function byteCountField(count: number): CodecField {
  return { name: 'byte count', value: hexByte(count), zh: `${count} 个字节`, en: `${count} bytes` };
}

function requestFields(request: Request, pdu: Buffer): CodecField[] {
  switch (request.fn) {
    case 1:
    case 2:
    case 3:
    case 4: {
      const isBoth = pdu[1] === pdu.length - 2;
      return [
        functionField(request.fn, isBoth ? 'either' : 'request'),
        placeField('start', request.start),
        countField('count', request.count),
      ];
    }
    case 5:
      return [
        functionField(5, 'either'),
        placeField('address', request.start),
        number('value', pdu.readUInt16BE(3), request.values?.[0] ? '合' : '分', request.values?.[0] ? 'on' : 'off'),
      ];
    case 6:
      return [
        functionField(6, 'either'),
        placeField('address', request.start),
        ...registerFields([request.values?.[0] ?? 0], request.start),
      ];
    case 15:
      return [
        functionField(15, 'request'),
        placeField('start', request.start),
        countField('count', request.count),
        byteCountField(pdu[5] ?? 0),
        bitsField(pdu, 6, request.values ?? [], request.start),
      ];
    case 16:
      return [
        functionField(16, 'request'),
        placeField('start', request.start),
        countField('count', request.count),
        byteCountField(pdu[5] ?? 0),
        ...registerFields(request.values ?? [], request.start),
      ];
    case 22:
      return [
        functionField(22, 'either'),
        placeField('address', request.start),
        number('AND mask', request.and, `保留这些位：${binary(request.and)}`, `keeps these bits: ${binary(request.and)}`),
        number(
          'OR mask',
          request.or,
          `其余置为：${binary(request.or & ~request.and & 0xffff)}`,
          `sets the others to: ${binary(request.or & ~request.and & 0xffff)}`,
        ),
      ];
    case 23:
      return [
        functionField(23, 'request'),
        placeField('read start', request.start),
        countField('read count', request.count),
        placeField('write start', request.writeStart),
        countField('write count', request.values.length),
        byteCountField(request.values.length * 2),
        ...registerFields(request.values, request.writeStart),
      ];
    case 43:
      return [
        functionField(43, 'request'),
        ...meiFields(request.code),
        { name: 'object', value: hexByte(request.object), ...objectText(request.object) },
      ];
  }
}

function binary(value: number): string {
  return value.toString(2).padStart(16, '0');
}

const codeNames = ['', '基本 basic', '常规 regular', '扩展 extended', '单个对象 one object'];

function meiFields(code: number): CodecField[] {
  const [zh = '', en = ''] = (codeNames[code] ?? '未知 unknown').split(/ (.*)/);
  return [
    { name: 'MEI type', value: '0E', zh: '设备标识', en: 'device identification' },
    { name: 'code', value: hexByte(code), zh, en },
  ];
}

function objectText(id: number): { zh: string; en: string } {
  return objectNames[id] ?? { zh: `对象 ${id}`, en: `object ${id}` };
}

function registerFields(values: readonly number[], start: number | undefined): CodecField[] {
  return values.map((value, i) => {
    const signed = value > 0x7fff ? `，${value - 0x10000}` : '';
    const name = start === undefined ? `register +${i}` : `register ${start + i}`;
    return {
      name,
      value: hexOf(Uint8Array.of(value >> 8, value & 0xff)),
      zh: `${value}${signed}`,
      en: `${value}${signed.replace('，', ', ')}`,
    };
  });
}

function bitsField(pdu: Buffer, from: number, values: readonly number[], start: number | undefined): CodecField {
  const on = values.flatMap((bit, i) => (bit === 1 ? [`${start === undefined ? '+' : ''}${(start ?? 0) + i}`] : []));
  const list = on.join(', ');
  return {
    name: 'bits',
    value: hexOf(pdu.subarray(from)),
    zh: on.length === 0 ? '全部为 0' : `为 1 的：${list}`,
    en: on.length === 0 ? 'all 0' : `on: ${list}`,
  };
}

/** The fields of an answer behind its function; `asked` gives the values their addresses. */
function answerFields(pdu: Buffer, asked: Request | undefined): CodecField[] | Refused {
  const fn = pdu[0] ?? 0;
  const start = asked !== undefined && 'start' in asked ? asked.start : undefined;
  switch (fn) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 23: {
      const [is, said] = [pdu.length - 2, pdu[1] ?? 0];
      if (said !== is || is < 1 || (fn > 2 && is % 2 === 1)) return wrongByteCount(said, is);
      if (fn <= 2) {
        const count = asked !== undefined && 'count' in asked ? asked.count : is * 8;
        return [byteCountField(is), bitsField(pdu, 2, bits(pdu, 2, count), start)];
      }
      return [byteCountField(is), ...registerFields(words(pdu, 2), start)];
    }
    case 15:
    case 16:
      if (pdu.length !== 5) return wrongByteCount(pdu[5] ?? 0, Math.max(0, pdu.length - 6));
      return [placeField('start', pdu.readUInt16BE(1)), countField('count', pdu.readUInt16BE(3))];
    case 43:
      return identificationFields(pdu);
    case 5:
    case 6:
    case 22:
      return refuse(
        'wrong-length',
        `功能码 ${fn} 的帧长度或数值不对。`,
        `The length or the value of a frame of function ${fn} is wrong.`,
      );
    default:
      return pdu.length > 1 ? [{ name: 'data', value: hexOf(pdu.subarray(1)) }] : [];
  }
}

function wrongByteCount(said: number, is: number): Refused {
  return refuse('wrong-byte-count', `字节数写的是 ${said}，后面有 ${is} 个。`, `The byte count says ${said}, and ${is} follow.`);
}

function identificationFields(pdu: Buffer): CodecField[] | Refused {
  if (identificationLength(pdu, 0, pdu.length) !== pdu.length)
    return refuse('wrong-length', '设备标识的对象长度与帧长不符。', 'The lengths of the objects do not fit the frame.');
  const [, , code = 0, conformity = 0, more = 0, next = 0, count = 0] = pdu;
  const isMore = more === 0xff;
  return [
    ...meiFields(code),
    { name: 'conformity', value: hexByte(conformity) },
    {
      name: 'more follows',
      value: hexByte(more),
      zh: isMore ? '后面还有' : '没有更多',
      en: isMore ? 'there is more' : 'no more',
    },
    { name: 'next object', value: hexByte(next), ...objectText(next) },
    { name: 'objects', value: hexByte(count), zh: `${count} 个`, en: `${count} of them` },
    ...objectsOf(pdu, 0).map(({ id, bytes }) => {
      const text = Buffer.from(bytes).toString('utf8');
      return {
        name: `object ${id}`,
        value: hexOf(bytes),
        zh: `${objectText(id).zh}：${text}`,
        en: `${objectText(id).en}: ${text}`,
      };
    }),
  ];
}

function notItsAnswer(asked: Request, pdu: Buffer): Refused {
  const expected = answerLength(asked);
  if (asked.fn !== 43 && pdu.length !== expected)
    return refuse(
      'not-its-answer',
      `这不是前面请求的应答：应有 ${expected} 个字节，实际 ${pdu.length} 个。`,
      `This is not the answer to the request in front: it should have ${expected} bytes and has ${pdu.length}.`,
    );
  return refuse(
    'not-its-answer',
    '这不是前面请求的应答：地址、数量或数值不同。',
    'This is not the answer to the request in front: address, count or value differ.',
  );
}
