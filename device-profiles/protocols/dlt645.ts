import { z } from 'zod';
import { checkItemPoints } from '../library/items.ts';
import type { Protocol } from '../library/protocol.ts';
import { LineTiming, SerialLine } from '../library/serial-line.ts';
import type { Finding } from '../library/source.ts';
import type { Profile } from '../vocabulary/profile.ts';

/** 数据标识 DI as the standard prints it, high byte first: eight digits in 2007, four in 1997. */
const Identifier = z.string().regex(/^([0-9A-F]{4}|[0-9A-F]{8})$/, 'must be 4 or 8 upper-case hex digits in quotes');

/** 数据块: one question that brings several items of one length, in this order (DL/T 645-2007 annex A, identifiers with FF). */
const Block = z.strictObject({
  /** Bytes of one item. */
  size: z.number().int().min(1).max(32),
  items: z.array(Identifier).min(2).max(64),
});

/** DL/T 645-2007 meters, and those of 1997, on RS-485. */
export const Dlt645Transport = z.strictObject({
  protocol: z.literal('dlt645'),
  version: z.enum(['2007', '1997']).default('2007'),
  serial: SerialLine.prefault({ baud: 2400, parity: 'even', stopBits: 1 }),
  /** FE in front of a question, to wake the meter. */
  preamble: z.number().int().min(0).max(4).default(4),
  /** Function of a read where a meter deviates from its version. */
  readFunction: z.number().int().min(1).max(0x1f).optional(),
  /** The answer begins within 500 ms (DL/T 645-2007, 传输响应; unverified). */
  timing: LineTiming.prefault({ timeout: '800ms' }),
  blocks: z.record(Identifier, Block).default({}),
  /** Where the meter's clock is, east of Greenwich. */
  utcOffset: z
    .string()
    .regex(/^[+-]\d{2}:\d{2}$/, 'must be an offset such as +08:00')
    .default('+08:00'),
});
export type Dlt645Transport = z.output<typeof Dlt645Transport>;

/** 跳闸、合闸、合闸允许、报警、保电 and their ends (DL/T 645-2007). */
const relayStates = ['trip', 'close', 'permit-close', 'alarm', 'alarm-off', 'protect', 'protect-off'] as const;

/** What a meter can be told: its relay, with the password of the installation; its clock, by a broadcast to the line. */
export const Dlt645Command = z.union([
  z.strictObject({ relay: z.enum(relayStates) }),
  z.strictObject({ clock: z.literal('broadcast') }),
]);
export type Dlt645Command = z.output<typeof Dlt645Command>;

/** @throws for a profile of another protocol. */
export function dlt645Of(profile: Profile): Dlt645Transport {
  if (profile.transport.protocol !== 'dlt645') throw new Error(`profile ${profile.id} is not a DL/T 645 profile`);
  return profile.transport as Dlt645Transport;
}

export const protocol: Protocol<Dlt645Transport> = {
  name: 'dlt645',
  transport: Dlt645Transport,
  values: 'items',
  isPolled: true,
  command: Dlt645Command,
  check: (profile, transport) => {
    const digits = transport.version === '2007' ? 8 : 4;
    const example = transport.version === '2007' ? '02010100' : 'B611';
    const isKey = (key: string): boolean => /^[0-9A-F]+$/.test(key) && key.length === digits;
    return [...checkItemPoints(profile, isKey, example), ...checkBlocks(transport, digits), ...checkCommands(profile, transport)];
  },
};

function checkBlocks({ blocks }: Dlt645Transport, digits: number): Finding[] {
  const seen = new Set<string>();
  return Object.entries(blocks).flatMap(([block, { items, size }]): Finding[] => {
    const findings: Finding[] = [];
    const path = ['transport', 'blocks', block];
    for (const item of [block, ...items].filter((each) => each.length !== digits)) {
      findings.push({ path, zh: `"${item}" 必须有 ${digits} 位。`, en: `"${item}" must have ${digits} digits.` });
    }
    for (const item of items.filter((each) => seen.has(each))) {
      findings.push({ path, zh: `"${item}" 已在另一个数据块里。`, en: `"${item}" is in another block already.` });
    }
    items.forEach((item) => seen.add(item));
    if (items.length * size > mostBlockBytes) {
      findings.push({
        path,
        zh: `数据块不得超过 ${mostBlockBytes} 字节。`,
        en: `A block holds at most ${mostBlockBytes} bytes.`,
      });
    }
    return findings;
  });
}

/** What a block may come to over all its follow-up frames. */
export const mostBlockBytes = 1024;

function checkCommands({ commands }: Profile, { version }: Dlt645Transport): Finding[] {
  if (version === '2007') return [];
  return Object.entries(commands).flatMap(([id, { do: told }]): Finding[] =>
    typeof told === 'object' && told !== null && 'relay' in told
      ? [
          {
            path: ['commands', id],
            zh: '1997 版没有跳合闸命令。',
            en: 'The version of 1997 has no relay command.',
          },
        ]
      : [],
  );
}
