import type { Problem, Session } from '@yihu/device-profiles/vocabulary/view.ts';
import type { TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';

/** What somebody did with a task, as it waits to be sent. The key makes it happen once however often it is sent. */
export interface KeptStep {
  /** Order of doing; given by the store. */
  n?: number;
  /** Whose doing it is: a phone changes hands. */
  user: string;
  task: string;
  title: TaskSummary['title'];
  /** A point of a patrol, else null. */
  check: string | null;
  step: 'accept' | 'decline' | 'set-out' | 'arrive' | 'finish' | 'fine' | 'trouble';
  reason: string | null;
  /** The phone's own time of doing, ms. */
  phoneAt: number;
  key: string;
  /** Why the cloud did not take it; null while it waits. */
  refused: Problem | null;
}

/** What was last heard from the cloud. `at`: this phone's time then, ms. */
export interface Copy {
  user: Session['user'];
  tasks: TaskSummary[];
  onDuty: boolean | null;
  at: number;
}

let opened: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open('yihu-phone', 1);
    request.addEventListener('upgradeneeded', () => {
      request.result.createObjectStore('steps', { keyPath: 'n', autoIncrement: true });
      request.result.createObjectStore('copy');
    });
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(new Error('the phone keeps nothing', { cause: request.error })));
  });
  return opened;
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

/** Every step of this person that waits or was refused, in the order of doing. */
export async function stepsOf(user: string): Promise<KeptStep[]> {
  const all = await inStore<KeptStep[]>('steps', 'readonly', (store) => store.getAll());
  return all.filter((step) => step.user === user);
}

export async function keepStep(step: KeptStep): Promise<void> {
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
