import { cjt188Of, type Cjt188Command, type Cjt188Transport, layoutOf } from '@yihu/device-profiles/protocols/cjt188.ts';
import { itemBytes } from '@yihu/device-profiles/library/items.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Ask, Read, SlaveRefusal } from '../line/dialect.ts';
import { framesIn, hexOf, lowFirst } from '../line/framing.ts';
import { bodiesOf, isIdentifier, isRefusalOf, type MeterSays, saysOf } from './answer.ts';
import { emptyLength, encodeFrame, frameAt, functions, isAddressed } from './frame.ts';

/** How one meter is spoken to. */
export interface MeterLink {
  readonly meterType: number;
  /** 14 digits. */
  readonly address: string;
  readonly preamble: number;
}

export type IdentifierOrder = 'high-first' | 'low-first';

/** FE in front of an answer. */
const fillBytes = 4;

export function slaveName({ address }: MeterLink): string {
  return `cjt188:${address}`;
}

/** The identifiers that bring these points, each with the keys that are wanted of it. */
export function wantedOf(profile: Profile, points: readonly string[]): Map<string, string[]> {
  const wanted = new Map<string, string[]>();
  for (const id of points) {
    const at = profile.points[id]?.at;
    if (typeof at !== 'string') continue;
    const [identifier = ''] = at.split('.');
    const keys = wanted.get(identifier) ?? [];
    if (!keys.includes(at)) keys.push(at);
    wanted.set(identifier, keys);
  }
  return wanted;
}

/**
 * 读数据. Where the order of the identifier's bytes is to be learnt, the other one is used after a silence or a refusal,
 * until the meter has answered one.
 */
export function readIdentifier(profile: Profile, link: MeterLink, identifier: string, keys: readonly string[]): Read {
  const transport = cjt188Of(profile);
  const length = answerBytes(profile, transport, identifier);
  let order: IdentifierOrder = transport.identifierOrder === 'low-first' ? 'low-first' : 'high-first';
  let isLearning = transport.identifierOrder === 'learn';
  // A refusal names no identifier: one that came late is of another question, so only a second one is believed for good.
  let wasRefused = false;
  const turn = (): void => {
    if (isLearning) order = order === 'high-first' ? 'low-first' : 'high-first';
  };
  return {
    key: identifier,
    first: () => ask(link, functions.read, identifier, order, [], length),
    take: (answer) => {
      const says = answer as MeterSays;
      if (says.kind === 'refused') {
        const isLasting = wasRefused && !isLearning;
        wasRefused = true;
        turn();
        return { exception: refusalOf(identifier, says.status, isLasting) };
      }
      wasRefused = false;
      isLearning = false;
      const bodies = bodiesOf(transport, identifier, says.bytes, keys);
      return 'odd' in bodies ? { exception: oddAnswer(identifier, bodies.odd) } : { bodies };
    },
    fault: (fault, detail) => {
      if (fault === 'no-answer') turn();
      return { kind: 'missed', keys, fault, detail };
    },
  };
}

/** 阀门控制, data identifier A017: 55H opens, 99H closes. The motor takes seconds; the status says when it is there. */
export function valveRead(link: MeterLink, order: IdentifierOrder, { valve }: Cjt188Command): Read {
  const told = valve === 'open' ? 0x55 : 0x99;
  const own: Ask<MeterSays> = { ...ask(link, functions.write, 'A017', order, [told], 2), isHarmless: true };
  return {
    first: () => own,
    take: (answer) => {
      const says = answer as MeterSays;
      return says.kind === 'refused' ? { exception: refusalOf('A017', says.status, false) } : { bodies: [] };
    },
    fault: (fault, detail) => ({ kind: 'missed', keys: [], fault, detail }),
  };
}

function ask(
  link: MeterLink,
  fn: number,
  identifier: string,
  order: IdentifierOrder,
  more: readonly number[],
  bytes: number,
): Ask<MeterSays> {
  const low = lowFirst(identifier);
  const sequence = 0;
  const data = Uint8Array.from([...(order === 'low-first' ? low : low.toReversed()), sequence, ...more]);
  const longestAnswer = emptyLength + 3 + bytes + fillBytes;
  return {
    send: encodeFrame({ ...link, control: fn, data }, link.preamble),
    slave: slaveName(link),
    longestAnswer,
    match: (heard) => {
      for (const { frame, end } of framesIn(heard, frameAt)) {
        if (!isAddressed(link, frame)) continue;
        const says = saysOf(frame);
        if (says === undefined) continue;
        if (isRefusalOf(says, fn)) return { answer: says, end, isRefusal: true };
        if (says.kind === 'data' && says.function === fn && isIdentifier(says.wireIdentifier, identifier))
          return { answer: says, end };
      }
      return undefined;
    },
  };
}

/** Bytes behind identifier and sequence. */
function answerBytes(profile: Profile, transport: Cjt188Transport, identifier: string): number {
  const layout = layoutOf(transport, identifier);
  if (layout !== undefined) return layout.reduce((sum, { bytes, unit }) => sum + bytes + (unit ? 1 : 0), 0);
  const points = Object.values(profile.points).filter(({ at }) => at === identifier);
  return Math.max(4, ...points.map(itemBytes));
}

function refusalOf(identifier: string, status: Uint8Array, isLasting: boolean): SlaveRefusal {
  const said = status.length === 0 ? '' : ` (${hexOf(status)})`;
  return {
    detail: `${identifier}: refused${said}`,
    text: {
      zh: `表拒绝了数据标识 ${identifier}${said}。请核对仪表类型和档案。`,
      en: `The meter refused the identifier ${identifier}${said}. Check its type and the profile.`,
    },
    isLasting,
  };
}

function oddAnswer(identifier: string, odd: string): SlaveRefusal {
  return {
    detail: `${identifier}: ${odd}`,
    text: {
      zh: `此表对 ${identifier} 的应答与标准的结构不同（${odd}）。请换用此型号的档案。`,
      en: `This meter answers ${identifier} in another form than the standard (${odd}). Use a profile of this model.`,
    },
    isLasting: true,
  };
}
