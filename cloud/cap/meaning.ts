import type { Hazard, Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import { graver } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { capLimits } from './limits.ts';
import type { CapInfo, CapMessage } from './message.ts';
import { parseOffsetTime } from './time.ts';

/** The four legal levels are CAP's four severities; the colours are what the Chinese profile calls them. */
const levels: Readonly<Record<CapInfo['severity'], Severity>> = {
  Extreme: 'critical',
  Red: 'critical',
  Severe: 'major',
  Orange: 'major',
  Moderate: 'minor',
  Yellow: 'minor',
  Minor: 'warning',
  Blue: 'warning',
  Unknown: 'warning',
};

export const severityWords = { critical: 'Extreme', major: 'Severe', minor: 'Moderate', warning: 'Minor' } as const;

const hazardsOf: Readonly<Record<CapInfo['category'][number], Hazard>> = {
  Fire: 'fire',
  CBRNE: 'gas',
  Rescue: 'person',
  Health: 'person',
  Security: 'security',
  Safety: 'security',
  Transport: 'security',
  Infra: 'equipment',
  Met: 'environment',
  Geo: 'environment',
  Env: 'environment',
  Other: 'environment',
};

export const categoryOf: Readonly<Record<Hazard, CapInfo['category'][number]>> = {
  fire: 'Fire',
  gas: 'Safety',
  water: 'Infra',
  person: 'Rescue',
  security: 'Security',
  equipment: 'Infra',
  environment: 'Env',
  communication: 'Infra',
};

/** What a message from outside says, in our words. */
export interface Warning {
  readonly hazard: Hazard;
  readonly severity: Severity;
  readonly event: Text;
  readonly headline: Text;
  readonly sender: Text;
  readonly description: string;
  readonly instruction: string;
  /** When the last of it ends, ms since 1970 UTC. */
  readonly until: number;
}

function clip(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 119)}…`;
}

function isChinese({ language }: CapInfo): boolean {
  return language !== undefined && /^zh\b/i.test(language);
}

/** §3.2.2: without a language it is en-US. */
function isEnglish({ language = 'en-US' }: CapInfo): boolean {
  return /^en\b/i.test(language);
}

export function endOf(info: CapInfo, at: number): number {
  return (info.expires === undefined ? null : parseOffsetTime(info.expires)) ?? at + capLimits.lastsMs;
}

/**
 * The blocks that are not over by `at`, read together: the gravest says how grave it is, and each language says it in its own
 * words. Null where all of them are over.
 */
export function warningOf(message: CapMessage, at: number): Warning | null {
  const live = message.info.filter((info) => endOf(info, at) > at);
  const [first] = live;
  if (!first) return null;
  const gravest = live.reduce((a, b) => (graver(levels[b.severity], levels[a.severity]) ? b : a), first);
  const same = live.filter(({ severity }) => levels[severity] === levels[gravest.severity]);
  const zh = same.find(isChinese) ?? same.find((info) => !isEnglish(info)) ?? gravest;
  const en = same.find(isEnglish) ?? zh;
  const both = (of: (info: CapInfo) => string): Text => ({ zh: clip(of(zh)), en: clip(of(en)) });
  return {
    hazard: hazardsOf[gravest.category[0] ?? 'Other'],
    severity: levels[gravest.severity],
    event: both(({ event }) => event),
    headline: both(({ headline, event }) => headline ?? event),
    sender: both(({ senderName }) => senderName ?? message.sender),
    description: (zh.description ?? '').slice(0, 2000),
    instruction: (zh.instruction ?? '').slice(0, 2000),
    until: Math.max(...live.map((info) => endOf(info, at))),
  };
}
