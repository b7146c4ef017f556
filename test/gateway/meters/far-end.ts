import { setTimeout as sleep } from 'node:timers/promises';
import { SerialPort } from 'serialport';

/** What a slave says to a question, or nothing. */
export type Answering = (question: Uint8Array) => Uint8Array | undefined;

/** What goes wrong with one exchange; `honest` answers what the slaves would say. */
export type Trouble = (question: Uint8Array, honest: () => Uint8Array | undefined) => readonly Said[];

export interface Said {
  readonly afterMs: number;
  readonly bytes: Uint8Array;
}

export interface FarEnd {
  trouble: Trouble;
  readonly questions: Uint8Array[];
  close(): Promise<void>;
}

export const honest: Trouble = (_, answer) => {
  const bytes = answer();
  return bytes === undefined ? [] : [{ afterMs: 5, bytes }];
};

/** Several slaves at the far end of a cable; a question ends where the line falls silent. */
export async function farEnd(path: string, slaves: readonly Answering[]): Promise<FarEnd> {
  const port = new SerialPort({ path, baudRate: 2400, autoOpen: false });
  await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
  const timers = new Set<NodeJS.Timeout>();
  const later = (ms: number, then: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      then();
    }, ms);
    timers.add(timer);
  };
  let heard: Buffer = Buffer.alloc(0);
  let silence: NodeJS.Timeout | undefined;
  const end: FarEnd = {
    trouble: honest,
    questions: [],
    close: async () => {
      clearTimeout(silence);
      for (const timer of timers) clearTimeout(timer);
      if (port.isOpen) await new Promise<void>((resolve) => port.close(() => resolve()));
      await sleep(0);
    },
  };
  port.on('data', (chunk: Buffer) => {
    heard = Buffer.concat([heard, chunk]).subarray(-1_000);
    clearTimeout(silence);
    silence = setTimeout(() => {
      const question = Uint8Array.from(heard);
      heard = Buffer.alloc(0);
      end.questions.push(question);
      const answers = () => {
        const all = slaves.map((slave) => slave(question)).filter((bytes) => bytes !== undefined);
        return all.length === 0 ? undefined : Uint8Array.from(all.flatMap((bytes) => [...bytes]));
      };
      for (const { afterMs, bytes } of end.trouble(question, answers))
        later(afterMs, () => void (port.isOpen && port.write(bytes)));
    }, 8);
  });
  port.on('error', () => undefined);
  return end;
}
