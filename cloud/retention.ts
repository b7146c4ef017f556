import type { RetentionKind } from './records/retention.ts';

interface Term {
  readonly days: number;
  /** What the law or the work asks for at least, and at most. */
  readonly least: number;
  readonly most: number;
}

/**
 * 保存期限 in days, of what is forgotten by itself. Where the defaults come from:
 * - stories: three years, in which claims may be made (民法典 art. 188); never less than the year for which a fire control room
 *   keeps its records (GB 25201).
 * - calls: what residents said is needed until the call has been looked back at; kept no longer than that needs (个人信息保护法
 *   art. 19). The figures stay.
 * - deliveries: with the network's log, at least six months (网络安全法 art. 21).
 * - snapshots: pictures of people, as short as looking back needs.
 * - photos: taken by those who were sent and by residents; as short as snapshots.
 * - homes: reports, calls for help and receipts that came by the link of a home; the task and the alarm they became stay.
 * What is not here is kept: the audit, alarms and incidents without their stories, and the registry, which has rules of its own.
 */
export const retentionTerms: Readonly<Record<RetentionKind, Term>> = {
  telemetry: { days: 180, least: 1, most: 3650 },
  events: { days: 400, least: 30, most: 3650 },
  stream: { days: 1, least: 1, most: 30 },
  calls: { days: 365, least: 180, most: 3650 },
  deliveries: { days: 400, least: 180, most: 3650 },
  stories: { days: 1095, least: 365, most: 36_500 },
  warnings: { days: 1095, least: 365, most: 36_500 },
  photos: { days: 30, least: 1, most: 3650 },
  homes: { days: 365, least: 30, most: 3650 },
  snapshots: { days: 30, least: 1, most: 3650 },
  sweeps: { days: 90, least: 7, most: 3650 },
};

export type RetentionDays = Readonly<Record<RetentionKind, number>>;

export const usualRetention: RetentionDays = Object.fromEntries(
  Object.entries(retentionTerms).map(([kind, { days }]) => [kind, days]),
) as RetentionDays;

/** `calls=365, stories=1825`; null where a word is no kind, or a number is outside of its bounds. */
export function retentionOf(text: string): RetentionDays | null {
  const words = text.split(',').map((word) => word.trim());
  const pairs = words.filter((word) => word !== '').map((word) => /^([a-z]+)\s*=\s*(\d{1,5})$/.exec(word));
  const own: Record<string, number> = {};
  for (const pair of pairs) {
    const [, kind = '', days = ''] = pair ?? [];
    const term = Object.hasOwn(retentionTerms, kind) ? retentionTerms[kind as RetentionKind] : undefined;
    if (term === undefined || Number(days) < term.least || Number(days) > term.most) return null;
    own[kind] = Number(days);
  }
  return { ...usualRetention, ...own };
}

/** The kinds with their bounds, for whoever wrote one wrong. */
export function retentionBounds(): string {
  return Object.entries(retentionTerms)
    .map(([kind, { least, most }]) => `${kind}=${least}…${most}`)
    .join(', ');
}
