import { later } from '../client/later.ts';

/** What the desk fetches right after its first paint: everything that is opened by a key or a button. */
export const dialogs = later(() => import('./DeskDialog.tsx').then(({ DeskDialog }) => DeskDialog));

export const trends = later(() => import('./Trend.tsx').then(({ Trend }) => Trend));

export const calls = later(() => import('./calls/part.ts').then(({ callsPart }) => callsPart));

const all = [trends, dialogs, calls];

/** Called once the desk stands; resolves when every part has been asked for once. */
export async function fetchParts(): Promise<void> {
  await Promise.all(all.map((part) => part.fetch()));
}
