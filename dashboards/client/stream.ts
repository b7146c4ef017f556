import type { StreamEvent } from '@yihu/device-profiles/vocabulary/view.ts';
import { after, every, localNow } from './clock.ts';
import { staleAfterMs } from './pulse.ts';

const names: readonly StreamEvent['type'][] = ['incident', 'alarm', 'device', 'gateway', 'responder', 'resync', 'beat'];
const firstRetryMs = 1_000;
const lastRetryMs = 10_000;

export interface StreamListener {
  onEvent: (event: StreamEvent) => void;
  /** The connection is gone and will be tried again; `tries` counts from 1. */
  onBroken: (tries: number) => void;
}

/**
 * Follows the event stream from `from` (from now on, where that is empty) until the returned function is called. A broken connection is opened again after
 * 1 s, then ever slower up to 10 s; one that is open but silent for 15 s counts as broken. Each time the stream resumes
 * after the last id heard, so what was missed is replayed. `view`: only what that screen may show.
 */
export function followStream(from: string, listener: StreamListener, view?: 'wall'): () => void {
  let last = from;
  let source: EventSource | null = null;
  let tries = 0;
  let heardAt = localNow();
  let callOff: (() => void) | null = null;

  const hear = (message: MessageEvent<string>) => {
    heardAt = localNow();
    tries = 0;
    if (message.lastEventId !== '') last = message.lastEventId;
    listener.onEvent(JSON.parse(message.data) as StreamEvent);
  };
  const open = () => {
    callOff = null;
    heardAt = localNow();
    const asked = new URLSearchParams({ ...(last === '' ? {} : { after: last }), ...(view === undefined ? {} : { view }) });
    source = new EventSource(asked.size === 0 ? '/api/stream' : `/api/stream?${asked.toString()}`);
    source.addEventListener('message', hear);
    for (const name of names) source.addEventListener(name, hear);
    source.addEventListener('error', retry);
  };
  const retry = () => {
    source?.close();
    source = null;
    tries += 1;
    callOff?.();
    callOff = after(Math.min(firstRetryMs * 2 ** (tries - 1), lastRetryMs), open);
    listener.onBroken(tries);
  };
  const stopWatching = every(1_000, () => {
    if (source !== null && localNow() - heardAt > staleAfterMs) retry();
  });
  open();
  return () => {
    stopWatching();
    callOff?.();
    source?.close();
  };
}
