import { registerPoints } from '@yihu/device-profiles/library/registers.ts';
import { pollGroups } from '@yihu/device-profiles/library/poll-groups.ts';
import type { FrameBody, Table } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Codec, Refused } from '../codec.ts';
import { explainFrames } from './explain.ts';
import { findAsciiFrames, findRtuFrames, findTcpFrames } from './find.ts';
import { openAscii, type Opened, type Opening, openRtu, openTcp, refuse } from './opened.ts';
import { type Answer, dataBytes, type PlainRequest, readRequest, type Request, takeAnswer } from './pdu.ts';
import { planReads } from './planner.ts';
import { refusalOf } from './reads.ts';
import { requestIn } from './request-in.ts';

/** Modbus as a line monitor shows it, for people and for the vectors of profiles. */
export const codecs: readonly Codec[] = [
  codecOf('modbus-rtu', openRtu, findRtuFrames),
  codecOf('modbus-tcp', openTcp, findTcpFrames),
  { ...codecOf('modbus-ascii', openAscii, findAsciiFrames), isText: true },
];

function codecOf(name: string, open: (bytes: Uint8Array) => Opening, find: NonNullable<Codec['find']>): Codec {
  return {
    name,
    find,
    explain(bytes) {
      const opened = open(bytes);
      return 'refused' in opened ? opened : explainFrames(opened.frames);
    },
    frames(profile, bytes) {
      const opened = open(bytes);
      return 'refused' in opened ? opened : bodiesOf(profile, opened.frames);
    },
  };
}

/** A request and its answer, several of them, or answers alone that only one read of the profile can have brought. */
function bodiesOf(profile: Profile, frames: readonly Opened[]): { bodies: FrameBody[] } | Refused {
  const bodies: FrameBody[] = [];
  let asked: Request | undefined;
  for (const frame of frames) {
    if (asked === undefined) {
      asked = requestIn(frame.unit, frame.pdu);
      if (asked !== undefined) continue;
    }
    const body = bodyOf(profile, asked, frame);
    if ('refused' in body) return body;
    bodies.push(body);
    asked = undefined;
  }
  if (bodies.length > 0) return { bodies };
  return refuse('no-answer', '只有请求，没有应答。', 'There is a request and no answer.');
}

function bodyOf(profile: Profile, asked: Request | undefined, { unit, pdu }: Opened): FrameBody | Refused {
  const request = asked ?? onlyRead(profile, unit, pdu);
  if ('refused' in request) return request;
  const answer = unit === request.unit ? takeAnswer(request, pdu, 0, pdu.length) : undefined;
  if (answer === undefined)
    return refuse(
      'not-its-answer',
      '应答与请求不符：从站、功能码、字节数或长度不同。',
      'The answer does not fit the request: unit, function, byte count or length differ.',
    );
  const table = tableOf(request.fn);
  if (table === undefined || !('count' in request))
    return refuse(
      'no-values',
      '这不是读寄存器或位的应答，没有数值。',
      'This is no answer to a read of registers or bits; it has no values.',
    );
  return heardBody(request, table, answer);
}

function heardBody(
  { start, count }: PlainRequest | Extract<Request, { fn: 23 }>,
  table: Table,
  answer: Answer,
): FrameBody | Refused {
  switch (answer.kind) {
    case 'words':
      return { kind: 'registers', table: table === 'input' ? 'input' : 'holding', start, words: answer.words };
    case 'bits':
      return { kind: 'bits', table: table === 'coil' ? 'coil' : 'discrete', start, bits: answer.bits };
    case 'exception': {
      const { detail, isLasting } = refusalOf(answer.code);
      return { kind: 'fault', table, start, count, fault: isLasting ? 'unsupported' : 'exception', detail };
    }
    case 'written':
    case 'identification':
      return refuse('no-values', '应答里没有数值。', 'The answer has no values.');
  }
}

function tableOf(fn: number): Table | undefined {
  const tables: Readonly<Record<number, Table>> = { 1: 'coil', 2: 'discrete', 3: 'holding', 4: 'input', 23: 'holding' };
  return tables[fn];
}

/** The read of the profile that alone can have brought this answer. */
function onlyRead(profile: Profile, unit: number, pdu: Buffer): PlainRequest | Refused {
  const table = tableOf(pdu[0] ?? 0);
  const fits =
    table === undefined
      ? []
      : readsOf(profile, unit).filter((read) => read.fn === pdu[0] && dataBytes(read.fn, read.count) === pdu[1]);
  const [read] = fits;
  if (read !== undefined && fits.length === 1) return read;
  return refuse(
    'needs-request',
    '只有应答时看不出是哪些地址：请把请求帧放在前面一起给出。',
    'An answer alone does not say which addresses it holds: give its request in front of it.',
  );
}

/** As the planner would ask, and each point alone, as manuals do; every read once. */
function readsOf(profile: Profile, unit: number): PlainRequest[] {
  const planned = pollGroups(profile).flatMap(({ points }) => planReads(profile, points));
  const reads = new Map<string, PlainRequest>();
  for (const { table, start, count } of [...planned, ...registerPoints(profile)])
    reads.set(`${table} ${start} ${count}`, readRequest(unit, table, start, count));
  return [...reads.values()];
}
