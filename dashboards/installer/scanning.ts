import type { LocalLine, LocalScan, LocalScanRequest } from '@yihu/device-profiles/vocabulary/local.ts';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { create } from 'zustand';
import { call, isApiError } from '../client/api.ts';
import { heardNow } from '../client/pulse.ts';

/** The scan of this gateway, whoever began it, and what is going to be scanned next. */
interface Scanning {
  lines: readonly LocalLine[] | null;
  scan: LocalScan | null;
  problem: Problem | null;
  asked: LocalScanRequest;
}

export const useScanning = create<Scanning>(() => ({
  lines: null,
  scan: null,
  problem: null,
  asked: { place: '', from: 1, to: 32 },
}));

const set = useScanning.setState;

export function ask(change: Partial<LocalScanRequest>): void {
  set(({ asked }) => ({ asked: { ...asked, ...change } }));
}

function refuse(error: unknown): void {
  if (!isApiError(error)) throw error;
  set({ problem: error.problem });
}

/** Reads which lines there are and follows the scan; returns what ends it. */
export function openScanning(): () => void {
  call<LocalLine[]>('GET', '/api/lines').then((lines) => {
    set(({ asked }) => ({ lines, asked: { ...asked, place: asked.place === '' ? (lines[0]?.place ?? '') : asked.place } }));
  }, refuse);
  const source = new EventSource('/api/scan/events');
  source.addEventListener('message', (event: MessageEvent<string>) => {
    heardNow();
    set({ scan: JSON.parse(event.data) as LocalScan | null });
  });
  return () => source.close();
}

export function isRunning(scan: LocalScan | null): boolean {
  return scan?.state === 'listening' || scan?.state === 'asking';
}

export function beginScan(): void {
  const { asked, scan } = useScanning.getState();
  if (asked.place === '' || isRunning(scan)) return;
  set({ problem: null });
  call<LocalScan>('POST', '/api/scan', asked).then((begun) => set({ scan: begun }), refuse);
}

export function stopScan(): void {
  call('DELETE', '/api/scan').catch(refuse);
}
