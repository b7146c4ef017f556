import type { Output, Speech } from './output.ts';

/** One line at the bottom of a terminal that is written over; nothing where nobody looks. */
export interface Progress {
  show(speech: Speech): void;
  /** A line that stays. */
  say(line: string): void;
  clear(): void;
}

export function progressFor(output: Output): Progress {
  const isSeen = process.stderr.isTTY && !output.json;
  const clear = () => void (isSeen && process.stderr.write('\r\u001b[K'));
  return {
    clear,
    show: (speech) => void (isSeen && process.stderr.write(`\r\u001b[K${output.say(speech)}`)),
    say: (line) => {
      clear();
      if (!output.json) process.stdout.write(`${line}\n`);
    },
  };
}

/** Aborted by the first Ctrl+C, so that what was found until then is shown; the second one ends the command. */
export function stoppedByUser(): { readonly signal: AbortSignal; done(): void } {
  const stop = new AbortController();
  const onSignal = () => stop.abort(new Error('stopped by the user'));
  process.once('SIGINT', onSignal);
  return { signal: stop.signal, done: () => void process.off('SIGINT', onSignal) };
}

/** `12 s`, `3 min`. */
export function lastingText(ms: number): Speech {
  const seconds = Math.max(1, Math.round(ms / 1_000));
  return seconds < 120
    ? { zh: `${seconds} 秒`, en: `${seconds} s` }
    : { zh: `${Math.round(seconds / 60)} 分钟`, en: `${Math.round(seconds / 60)} min` };
}
