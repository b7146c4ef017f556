import { createHash } from 'node:crypto';
import type { TimelineLine } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { LineDraft } from './core.ts';

/** Where a chain stands: the last line's number and hash, or the start of an empty one. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

/** The head before the first line; it names the incident, so that a chain cannot be passed off as another's. */
export function emptyChain(incident: string): ChainHead {
  return { seq: 0, hash: sha256(`yihu-timeline/1\n${incident}`) };
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** JSON with sorted keys and nothing undefined: the same value is the same bytes for whoever checks it. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}

/** hash = SHA-256(previous hash + newline + canonical JSON of the line without its hash). */
function hashOf(previous: string, line: Omit<TimelineLine, 'hash'>): string {
  return sha256(`${previous}\n${canonicalJson(line)}`);
}

/** The draft as the next line of the chain. */
export function linkLine(head: ChainHead, draft: LineDraft, at: number): TimelineLine {
  const line = {
    seq: head.seq + 1,
    at,
    edgeAt: draft.edgeAt ?? null,
    kind: draft.kind,
    actor: draft.actor?.id ?? null,
    actorName: draft.actor?.name ?? null,
    text: draft.text,
    data: draft.data,
  };
  return { ...line, hash: hashOf(head.hash, line) };
}

export type TimelineVerdict =
  | { readonly ok: true; readonly head: ChainHead }
  | { readonly ok: false; readonly seq: number; readonly why: 'missing' | 'changed' };

/**
 * Checks an exported timeline without the server: every line present, in order and unchanged. Names the first bad line.
 * Lines cut off at the end are seen only against a head kept elsewhere, which is why the verdict gives the head.
 */
export function verifyTimeline(lines: readonly TimelineLine[], incident: string): TimelineVerdict {
  let head = emptyChain(incident);
  for (const line of lines) {
    if (line.seq !== head.seq + 1) return { ok: false, seq: head.seq + 1, why: 'missing' };
    const { hash, ...rest } = line;
    if (hash !== hashOf(head.hash, rest)) return { ok: false, seq: line.seq, why: 'changed' };
    head = { seq: line.seq, hash };
  }
  return { ok: true, head };
}
