import { later } from '../client/later.ts';

/** What the desk fetches right after its first paint: everything that is opened by a key or a button. */
export const dialogs = later(() => import('./DeskDialog.tsx').then(({ DeskDialog }) => DeskDialog));

export const trends = later(() => import('./Trend.tsx').then(({ Trend }) => Trend));

export const calls = later(() => import('./calls/part.ts').then(({ callsPart }) => callsPart));
export const tasks = later(() => import('./tasks/part.ts').then(({ tasksPart }) => tasksPart));
export const shift = later(() => import('./shift/part.ts').then(({ shiftPart }) => shiftPart));

const all = [trends, dialogs, calls, tasks, shift];

/** Called once the desk stands; resolves when every part has been asked for once. */
export async function fetchParts(): Promise<void> {
  await Promise.all(all.map((part) => part.fetch()));
}
