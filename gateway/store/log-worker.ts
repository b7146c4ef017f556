import { parentPort } from 'node:worker_threads';
import { LogHost, type OpenRequest } from './log-host.ts';
import type { Commit } from './log.ts';
import { answerOf, serveRequests } from './worker-serve.ts';
import type { WorkerRequest } from './worker-calls.ts';

/** The worker thread of the log: the disk is waited for here, and never on the thread that polls devices. */
const port = parentPort;
if (port === null) throw new Error('log-worker.ts runs as a worker thread');
const host = new LogHost();

serveRequests(port, (requests) => {
  let start = 0;
  while (start < requests.length) {
    let end = start;
    while (requests[end]?.call === 'append') end++;
    if (end > start) answerAppends(requests.slice(start, end));
    else answer(requests[end++]);
    start = end;
  }
});

function answer(request: WorkerRequest | undefined): void {
  if (request === undefined) return;
  port?.postMessage(answerOf(request.id, () => host.serve(request.call, request.args)));
  if (request.call === 'close') port?.close();
}

/** Appends that waited together are committed together. */
function answerAppends(requests: readonly WorkerRequest[]): void {
  const now = Number(requests.at(-1)?.args[1]);
  const commits = requests.map((request) => request.args[0] as Commit);
  const answers = host.append(
    commits,
    now,
    requests.map((request) => request.id),
  );
  for (const reply of answers) port?.postMessage(reply);
}

export type { OpenRequest };
