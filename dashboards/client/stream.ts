import type { StreamEvent } from '@yihu/device-profiles/vocabulary/view.ts';
import { after, every, localNow } from './clock.ts';
import { type Message, readMessages } from './messages.ts';
import { staleAfterMs } from './pulse.ts';

const firstRetryMs = 1_000;
const lastRetryMs = 10_000;

export interface StreamListener {
  /** Called for one event after the other; those that came together are told in one task, so that the page is drawn once for all. */
  onEvent: (event: StreamEvent) => void;
  /** The connection is gone and will be tried again; `tries` counts from 1. */
  onBroken: (tries: number) => void;
}

function addressOf(after: string, view: 'wall' | undefined): string {
  const asked = new URLSearchParams({ ...(after === '' ? {} : { after }), ...(view === undefined ? {} : { view }) });
  return asked.size === 0 ? '/api/stream' : `/api/stream?${asked.toString()}`;
}

/**
 * Follows the event stream from `from` (from now on, where that is empty) until the returned function is called. A broken connection is opened again after
 * 1 s, then ever slower up to 10 s; one that is open but silent for 15 s counts as broken. Each time the stream resumes
 * after the last id heard, so what was missed is replayed. `view`: only what that screen may show.
 */
export function followStream(from: string, listener: StreamListener, view?: 'wall'): () => void {
  let last = from;
  let line: AbortController | null = null;
  let tries = 0;
  let heardAt = localNow();
  let callOff: (() => void) | null = null;

  const hear = (messages: readonly Message[], signal: AbortSignal) => {
    heardAt = localNow();
    for (const { id, data } of messages) {
      if (signal.aborted) return;
      tries = 0;
      if (id !== '') last = id;
      tell(data, listener);
    }
  };
  const open = () => {
    callOff = null;
    heardAt = localNow();
    const mine = new AbortController();
    line = mine;
    const over = () => {
      if (line === mine) retry();
    };
    readMessages(addressOf(last, view), mine.signal, (messages) => hear(messages, mine.signal)).then(over, over);
  };
  const retry = () => {
    line?.abort();
    line = null;
    tries += 1;
    callOff?.();
    callOff = after(Math.min(firstRetryMs * 2 ** (tries - 1), lastRetryMs), open);
    listener.onBroken(tries);
  };
  const stopWatching = every(1_000, () => {
    if (line !== null && localNow() - heardAt > staleAfterMs) retry();
  });
  open();
  return () => {
    stopWatching();
    callOff?.();
    line?.abort();
    line = null;
  };
}

/** One event that somebody stumbles over is no reason to lose those after it. */
function tell(data: string, listener: StreamListener): void {
  try {
    listener.onEvent(JSON.parse(data) as StreamEvent);
  } catch (error) {
    reportError(error);
  }
}
