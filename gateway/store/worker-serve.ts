import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { storeError } from './sqlite-error.ts';
import { type WorkerAnswer, type WorkerRequest, endCall } from './worker-calls.ts';

/** Hands all requests that wait to `serve` at once, in order; it answers each by its id. */
export function serveRequests(port: MessagePort, serve: (requests: WorkerRequest[]) => void): void {
  port.on('message', (first: WorkerRequest) => {
    const requests = [first];
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port))
      requests.push(next.message as WorkerRequest);
    const end = requests.findIndex(({ call }) => call === endCall);
    if (end !== 0) serve(end < 0 ? requests : requests.slice(0, end));
    if (end >= 0) port.close();
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
