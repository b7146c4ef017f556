import { type Appended, type Commit, StoreError } from './log.ts';
import type { Ledger } from './ledger.ts';
import { weigh } from './packing.ts';

/** A group ends here, so that an alarm behind it waits for one short transaction. */
const groupTargetBytes = 512 * 1024;

export type Outcome = { readonly appended: Appended } | { readonly error: StoreError };

/**
 * Group commit: commits that waited go into one transaction each time, in order. Where a group is refused, each of its
 * commits is tried alone, so that readings that do not fit never take an alarm down with them.
 */
export function appendGroup(ledger: Ledger, commits: readonly Commit[], now: number): Outcome[] {
  const outcomes: Outcome[] = [];
  for (const group of grouped(commits)) outcomes.push(...appendTogether(ledger, group, now));
  return outcomes;
}

export function weighCommit(commit: Commit): number {
  const records = [...commit.alarm, ...commit.telemetry].reduce((sum, record) => sum + weigh(record), 0);
  return commit.state.reduce((sum, [key, json]) => sum + key.length + (json?.length ?? 0), records);
}

function appendTogether(ledger: Ledger, group: readonly Commit[], now: number): Outcome[] {
  try {
    return ledger.append(group, now).map((appended) => ({ appended }));
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (group.length === 1 || error.code !== 'disk-full') return group.map(() => ({ error }));
    return group.flatMap((commit) => appendTogether(ledger, [commit], now));
  }
}

function grouped(commits: readonly Commit[]): Commit[][] {
  const groups: Commit[][] = [];
  let weight = Infinity;
  for (const commit of commits) {
    const bytes = weighCommit(commit);
    if (weight + bytes > groupTargetBytes) {
      groups.push([]);
      weight = 0;
    }
    groups.at(-1)?.push(commit);
    weight += bytes;
  }
  return groups;
}
