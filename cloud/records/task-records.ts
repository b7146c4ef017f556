import type { TaskCandidate, TaskDetail, TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import type { Desk } from './commands.ts';
import type { TakenPhoto } from './photo-rows.ts';
import { addTaskPhoto, readPhoto } from './photos.ts';
import type { Actor, Outcome, Page, Scope, StoredPhoto } from './records.ts';
import { type CheckCommand, moveOwnTask, moveTask, orderTask, type TaskCommand, tickOwnTask } from './task-moves.ts';
import { putPlace } from './task-rows.ts';
import { areaCandidates, listTasks, ownTasks, readTask, taskCandidates, type TaskFilter } from './tasks.ts';

export type TaskOrder = Parameters<typeof orderTask>[3];

export type { TakenPhoto } from './photo-rows.ts';

/** Where a phone says it is: degrees, metres, its own time. */
export type PersonPlace = Parameters<typeof putPlace>[2];

/** 任务: what the pages ask and do. The desk acts within its areas, the person on their own tasks, wherever these are. */
export interface TaskRecords {
  list(scope: Scope, filter: TaskFilter): Promise<Page<TaskSummary>>;
  task(scope: Scope, id: string): Promise<TaskDetail | null>;
  candidates(scope: Scope, id: string): Promise<readonly TaskCandidate[] | null>;
  /** Who could be sent to an area; it is the caller's to see that the area is the reader's. */
  candidatesFor(area: string): Promise<readonly TaskCandidate[]>;
  order(scope: Scope, actor: Actor, order: TaskOrder): Promise<Outcome<TaskDetail>>;
  move(scope: Scope, actor: Actor, id: string, command: TaskCommand): Promise<Outcome<TaskDetail>>;
  own(person: string): Promise<readonly TaskSummary[]>;
  moveOwn(actor: Actor, id: string, command: TaskCommand): Promise<Outcome<TaskDetail>>;
  tickOwn(actor: Actor, id: string, check: string, command: CheckCommand): Promise<Outcome<TaskDetail>>;
  /** A photo of what the actor was sent to; the picture must be one that may be kept. */
  addPhoto(actor: Actor, id: string, photo: TakenPhoto): Promise<Outcome<TaskDetail>>;
  /** Within the scope, and beyond it what is the reader's own. */
  photo(scope: Scope, reader: string, id: string): Promise<StoredPhoto | null>;
  /** False where the person is not on duty, or has said something newer. */
  putPlace(person: string, place: PersonPlace): Promise<boolean>;
}

export function openTasks(desk: Desk): TaskRecords {
  const { db } = desk.database;
  return {
    list: (scope, filter) => listTasks(desk, scope, filter),
    task: (scope, id) => readTask(db, scope, id),
    candidates: (scope, id) => taskCandidates(desk, scope, id),
    candidatesFor: (area) => areaCandidates(desk, area),
    order: (scope, actor, order) => orderTask(desk, scope, actor, order),
    move: (scope, actor, id, command) => moveTask(desk, scope, actor, id, command),
    own: (person) => ownTasks(desk, person),
    moveOwn: (actor, id, command) => moveOwnTask(desk, actor, id, command),
    tickOwn: (actor, id, check, command) => tickOwnTask(desk, actor, id, check, command),
    addPhoto: (actor, id, photo) => addTaskPhoto(desk, actor, id, photo),
    photo: (scope, reader, id) => readPhoto(db, scope, reader, id),
    putPlace: (person, place) => putPlace(db, person, place, desk.clock.now()),
  };
}
