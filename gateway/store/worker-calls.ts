import { Worker } from 'node:worker_threads';
import { systemClock } from '../clock.ts';
import { StoreError, type StoreErrorCode } from './log.ts';
import { threadSources } from './thread-sources.ts';

/** One request to a worker of this folder, and its answer. Requests are served in the order they were made. */
export interface WorkerRequest {
  readonly id: number;
  readonly call: string;
  readonly args: readonly unknown[];
}

export type WorkerAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly code: StoreErrorCode | null; readonly message: string };

/** The last request of all: nothing is served behind it. */
export const endCall = 'end';
/** A worker gets this long to end. */
const endMs = 10_000;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** The near end of a worker: calls in, promises out. A worker that dies rejects all that wait, and every later call. */
export class WorkerCalls {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private dead: StoreError | null = null;
  private hasExited = false;

  constructor(script: URL) {
    this.worker = new Worker(new URL('./thread.js', import.meta.url), {
      workerData: { entry: script.href, sources: threadSources(script) },
      stdout: false,
      stderr: false,
    });
    this.worker.on('message', (answer: WorkerAnswer) => this.settle(answer));
    this.worker.on('error', (error) =>
      this.die(new StoreError('io', `the store's worker died: ${String(error)}`, { cause: error })),
    );
    this.worker.on('exit', () => {
      this.hasExited = true;
      this.die(new StoreError('closed', 'the store is closed'));
    });
  }

  /** The answer of the worker. The caller names its type, as with a method of its own. */
  call<T>(call: string, ...args: readonly unknown[]): Promise<T> {
    if (this.dead !== null) return Promise.reject(this.dead);
    const id = ++this.lastId;
    return new Promise<T>((resolve, reject) => {
      this.waiting.set(id, { resolve: (value) => resolve(value as T), reject });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      this.worker.postMessage({ id, call, args } satisfies WorkerRequest);
    });
  }

  /**
   * Lets the worker end by itself: a thread that is torn away from under a database may take the process with it. One that
   * does not end is torn away after all.
   */
  async end(): Promise<void> {
    if (this.hasExited) return;
    const exited = new Promise<void>((resolve) => this.worker.once('exit', () => resolve()));
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    this.worker.postMessage({ id: 0, call: endCall, args: [] } satisfies WorkerRequest);
    const late = systemClock.after(endMs, () => void this.worker.terminate());
    await exited;
    late.cancel();
  }

  private settle(answer: WorkerAnswer): void {
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if ('value' in answer) waiting?.resolve(answer.value);
    else waiting?.reject(answer.code === null ? new Error(answer.message) : new StoreError(answer.code, answer.message));
  }

  private die(error: StoreError): void {
    this.dead ??= error;
    for (const waiting of this.waiting.values()) waiting.reject(this.dead);
    this.waiting.clear();
  }
}
