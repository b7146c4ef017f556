import { type Done } from './hand.ts';

/** What a task may cost at most; what is not named is not limited. */
export interface Target {
  /** As people are told of it. */
  readonly says: string;
  readonly keys?: number;
  readonly clicks?: number;
  readonly fields?: number;
  /** Keys, clicks and written fields together. */
  readonly actions?: number;
  readonly seconds?: number;
  /** Of the pages that were loaded for it. */
  readonly kilobytes?: number;
}

/** One task of one kind of person: what it may cost, and a script that does it as they would. */
export interface Task<Stage> {
  /** As "dispatcher 3". */
  readonly id: string;
  readonly name: string;
  readonly target: Target;
  /** Does it on the stage; returns what it cost. @throws where it cannot be done at all. */
  readonly run: (stage: Stage) => Promise<Result>;
}

export interface Result extends Done {
  readonly kilobytes?: number;
}

export interface Row extends Result {
  readonly id: string;
  readonly name: string;
  readonly target: string;
  readonly holds: boolean;
  /** What was exceeded, or why it could not be done. */
  readonly why: string;
}

const measures = ['keys', 'clicks', 'fields', 'seconds', 'kilobytes'] as const;

/** Runs one task; a task that cannot be done is a row that does not hold. `slower`: by how much seconds may miss their target. */
export async function measure<Stage>(task: Task<Stage>, stage: Stage, slower = 1): Promise<Row> {
  const { id, name, target } = task;
  const nothing = { keys: 0, clicks: 0, fields: 0, seconds: 0 };
  try {
    const result = await task.run(stage);
    const why = exceeded(target.seconds === undefined ? target : { ...target, seconds: target.seconds * slower }, result);
    return { id, name, target: target.says, ...result, holds: why === '', why };
  } catch (error) {
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { id, name, target: target.says, ...nothing, holds: false, why };
  }
}

function exceeded(target: Target, result: Result): string {
  const actions = result.keys + result.clicks + result.fields;
  const over = measures.flatMap((each) => {
    const [most, was] = [target[each], result[each]];
    return most !== undefined && was !== undefined && was > most ? [`${each} ${round(was)} > ${most}`] : [];
  });
  return [
    ...over,
    ...(target.actions !== undefined && actions > target.actions ? [`actions ${actions} > ${target.actions}`] : []),
  ].join(', ');
}

export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** As a terminal shows it; a Chinese character is two columns wide. */
export function tableOf(rows: readonly Row[]): string {
  const head = ['task', 'target', 'keys', 'clicks', 'fields', 'seconds', 'kB', 'holds'];
  const cells = rows.map(({ id, name, target, keys, clicks, fields, seconds, kilobytes, holds, why }) => [
    `${id}: ${name}`,
    target,
    ...[keys, clicks, fields].map(String),
    seconds.toFixed(2),
    kilobytes === undefined ? '' : kilobytes.toFixed(1),
    holds ? 'yes' : `NO  ${why.split('\n')[0]}`,
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...cells].map((row) => widthOf(row[column] ?? ''))));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === head.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell))))
      .join('  ');
  return [head, ...cells].map(line).join('\n');
}

function widthOf(text: string): number {
  return Array.from(text).reduce((sum, letter) => sum + (/[\u2e80-\u9fff\uff00-\uffef\u3000-\u303f]/.test(letter) ? 2 : 1), 0);
}
