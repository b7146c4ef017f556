import type { CallPerson } from '@yihu/device-profiles/vocabulary/call.ts';
import type { RollCall } from '@yihu/device-profiles/vocabulary/incident-desk.ts';
import type { PersonDetail } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import type { TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import type { Session } from '@yihu/device-profiles/vocabulary/view.ts';
import type { Kept } from './doing.ts';

/** Photos that wait take no more of the phone than this: some two hundred of them. */
export const photoBytesKept = 40 * 1024 * 1024;

/** Who lives where somebody is sent to, as this person may know it; null where they may not. */
export interface HomeCopy {
  /** Of the task when it was asked. */
  version: number;
  people: PersonDetail[] | null;
  /** The same people in a call they have or have not answered. */
  answers: CallPerson[] | null;
}

/** What was last heard from the cloud. `at`: this phone's time then, ms. */
export interface Copy {
  user: Session['user'];
  tasks: TaskSummary[];
  onDuty: boolean | null;
  at: number;
  rollCalls?: RollCall[];
  /** By task; kept while the task is open and no longer. */
  homes?: Record<string, HomeCopy>;
}

let opened: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open('yihu-phone', 2);
    request.addEventListener('upgradeneeded', ({ oldVersion }) => {
      if (oldVersion < 1) {
        request.result.createObjectStore('steps', { keyPath: 'n', autoIncrement: true });
        request.result.createObjectStore('copy');
      } else nameKinds(request.transaction?.objectStore('steps'));
    });
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(new Error('the phone keeps nothing', { cause: request.error })));
  });
  return opened;
}

/** Steps kept by the first version of this page were of tasks only and did not say so. */
function nameKinds(store: IDBObjectStore | undefined): void {
  const request = store?.openCursor();
  request?.addEventListener('success', () => {
    const cursor = request.result;
    if (cursor === null) return;
    const step = cursor.value as { check: string | null; reason: string | null };
    cursor.update({ ...step, kind: step.check === null ? 'move' : 'check', note: step.reason });
    cursor.continue();
  });
}

/** One transaction; resolves when it is on disk and not before. */
async function inStore<T>(
  name: 'steps' | 'copy',
  mode: IDBTransactionMode,
  run: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(name, mode, { durability: 'strict' });
    const request = run(transaction.objectStore(name));
    transaction.addEventListener('complete', () => resolve(request.result));
    transaction.addEventListener('abort', () => reject(new Error('the phone could not keep it', { cause: transaction.error })));
  });
}

/** Everything of this person that waits or was refused, in the order of doing. */
export async function stepsOf(user: string): Promise<Kept[]> {
  const all = await inStore<Kept[]>('steps', 'readonly', (store) => store.getAll());
  return all.filter((step) => step.user === user);
}

export async function keepStep(step: Kept): Promise<void> {
  await inStore('steps', 'readwrite', (store) => store.put(step));
}

export async function dropStep(n: number): Promise<void> {
  await inStore('steps', 'readwrite', (store) => store.delete(n));
}

export async function lastCopy(): Promise<Copy | null> {
  const copy = await inStore<Copy | undefined>('copy', 'readonly', (store) => store.get('last') as IDBRequest<Copy | undefined>);
  return copy ?? null;
}

/** `null` forgets it, at signing out: the next person on this phone sees nothing of it. */
export async function keepCopy(copy: Copy | null): Promise<void> {
  if (copy === null) await inStore('copy', 'readwrite', (store) => store.delete('last'));
  else await inStore('copy', 'readwrite', (store) => store.put(copy, 'last'));
}
