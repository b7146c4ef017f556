import type { Notice } from '@yihu/device-profiles/vocabulary/resident.ts';

export const noticeStates = ['showing', 'planned', 'over', 'withdrawn'] as const;
export type NoticeState = (typeof noticeStates)[number];

/** What homes see of it at `now`. */
export function noticeStateOf({ withdrawnAt, from, until }: Notice, now: number): NoticeState {
  if (withdrawnAt !== null) return 'withdrawn';
  if (now >= until) return 'over';
  return now < from ? 'planned' : 'showing';
}

/** Homes that can read it and have not, and homes that cannot. A receipt of a home whose link has ended since counts as read. */
export function receiptsOf({ homes, linked, read }: { homes: number; linked: number; read: number }) {
  const unread = Math.max(0, linked - read);
  return { read, unread, unlinked: Math.max(0, homes - read - unread) };
}
