import { request } from 'node:http';
import type { Clock } from '../../../clock.ts';
import type { Endpoint } from '../../place.ts';

export interface Letter {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** `drip`: byte by byte; `torn`: the connection breaks in the middle of the body. */
export type Manner = 'plain' | 'drip' | 'torn';

export interface Sending {
  readonly manner: Manner;
  readonly clock: Clock;
  /** Aborted: it hangs up. */
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

const answerMs = 30_000;
const dripMs = 5;

/** One request of a device, on a connection of its own. Rejects where nobody answers. */
export function sendLetter(to: Endpoint, letter: Letter, { manner, clock, signal }: Sending): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const { method, target, body } = letter;
  const headers = { ...letter.headers, 'Content-Length': String(body.length), Connection: 'close' };
  const asked = request({ host: to.host, port: to.port, method, path: target, headers, agent: false, signal });
  const patience = clock.after(answerMs, () => asked.destroy(new Error('no answer')));
  asked.on('close', () => patience.cancel());
  asked.on('error', reject);
  asked.on('response', (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    response.on('error', reject);
  });
  const write = async (): Promise<void> => {
    if (manner === 'plain') return void asked.end(body);
    for (const byte of body.subarray(0, manner === 'torn' ? body.length / 2 : body.length)) {
      asked.write(Buffer.of(byte));
      if (manner === 'drip') await clock.sleep(dripMs);
      if (asked.destroyed) return;
    }
    if (manner === 'torn') asked.destroy(new Error('torn'));
    else asked.end();
  };
  write().catch(reject);
  return promise;
}
