import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { storeError } from './sqlite-error.ts';
import type { WorkerAnswer, WorkerRequest } from './worker-calls.ts';

/** Hands all requests that wait to `serve` at once, in order; it answers each by its id. */
export function serveRequests(port: MessagePort, serve: (requests: WorkerRequest[]) => void): void {
  port.on('message', (first: WorkerRequest) => {
    const requests = [first];
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port))
      requests.push(next.message as WorkerRequest);
    serve(requests);
  });
}

/** The answer to one request: what `run` returns, or what it throws. */
export function answerOf(id: number, run: () => unknown): WorkerAnswer {
  try {
    return { id, value: run() };
  } catch (error) {
    return refusalOf(id, error);
  }
}

export function refusalOf(id: number, error: unknown): WorkerAnswer {
  const known = storeError(error);
  return {
    id,
    code: known?.code ?? null,
    message: known?.message ?? (error instanceof Error ? (error.stack ?? error.message) : String(error)),
  };
}
