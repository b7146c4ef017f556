import type { ImportCounts, ImportPlan, ImportRow, ImportView } from '@yihu/device-profiles/vocabulary/registry-import.ts';
import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { HouseRecords } from './houses-records.ts';
import { runBatch } from './import-batch.ts';
import { guessColumns } from './import-columns.ts';
import { houseFinder } from './import-houses.ts';
import type { ImportRecords, ImportWork, RowOutcome, SealedRow } from './import-records.ts';
import { type PeopleDesk, todayOf } from './people.ts';
import type { Reader } from './reader.ts';
import { invalid, no, said, type Said } from './said.ts';
import { sheetRows } from './sheets/read.ts';
import { SheetProblem, sheetSentences } from './sheets/sheet.ts';

export interface Imports {
  list(reader: Reader): Promise<readonly ImportView[]>;
  view(reader: Reader, id: string): Promise<ImportView | null>;
  rows(
    reader: Reader,
    id: string,
    query: { outcome?: ImportRow['outcome'] | undefined; after: number; limit: number },
  ): Promise<{ items: readonly ImportRow[]; total: number; next: string | null } | null>;
  /** Takes a file in as it is, sealed row by row; nothing of it is looked at yet. */
  stage(reader: Reader, area: string, bytes: Buffer): Promise<Said<ImportView>>;
  /** 试运行: the run itself, taken back at its end, so that what it says is what will happen. */
  check(reader: Reader, id: string, plan: ImportPlan): Promise<Said<ImportView>>;
  /** All rows or none; `skipErrors` leaves the wrong ones out. A second run of the same import is no second effect. */
  run(reader: Reader, id: string, skipErrors: boolean): Promise<Said<ImportView>>;
  /** Takes the whole import back, but for people somebody has worked on since: those stay and are counted. */
  undo(reader: Reader, id: string): Promise<Said<ImportView>>;
  drop(reader: Reader, id: string): Promise<Said<null>>;
}

export interface ImportDesk extends PeopleDesk {
  readonly houses: HouseRecords;
  readonly imports: ImportRecords;
}

const batchRows = 250;
const dayMs = 24 * 3_600_000;
/** A table that nobody took in is forgotten after this. */
const keptMs = 7 * dayMs;
const Cells = z.array(z.string());

export function createImports(desk: ImportDesk): Imports {
  const { imports } = desk;
  const within = async <T>(reader: Reader, id: string, run: (view: ImportView) => Promise<Said<T>>): Promise<Said<T>> => {
    const view = await imports.import(reader.scope, id);
    return view === null ? no('not-found') : run(view);
  };
  const now = async (reader: Reader, id: string, repeated = false): Promise<Said<ImportView>> => {
    const view = await imports.import(reader.scope, id);
    return view === null ? no('not-found') : said(view, repeated);
  };
  return {
    list: (reader) => imports.imports(reader.scope),
    view: (reader, id) => imports.import(reader.scope, id),
    rows: async (reader, id, query) => ((await imports.import(reader.scope, id)) === null ? null : imports.rows(id, query)),
    stage: (reader, area, bytes) => stage(desk, reader, area, bytes),
    check: (reader, id, plan) =>
      within(reader, id, async (view) => {
        if (view.state !== 'staged' && view.state !== 'checked') return wrongState(view);
        const issues = planIssues(view, plan);
        if (issues !== null) return issues;
        const result = await tryOut(desk, reader, view, plan);
        await imports.atOnce(async (work) => {
          await work.noteRows(id, result.outcomes);
          await work.finish(id, { state: 'checked', counts: result.counts, plan, at: desk.clock.now() });
        });
        return now(reader, id);
      }),
    run: (reader, id, skipErrors) =>
      within(reader, id, async (view) => {
        if (view.state === 'done') return said(view, true);
        const { plan } = view;
        if (view.state !== 'checked' || plan === null) return wrongState(view);
        const refusal = await takeIn(desk, reader, view, plan, skipErrors);
        return refusal ?? now(reader, id);
      }),
    undo: (reader, id) =>
      within(reader, id, async (view) => {
        if (view.state === 'undone') return said(view, true);
        if (view.state !== 'done') return wrongState(view);
        await imports.atOnce(async (work) => {
          if ((await work.alone(id)) !== 'done') return;
          const at = desk.clock.now();
          await work.finish(id, { state: 'undone', undone: await work.takeBack(id, at), at });
        });
        return now(reader, id);
      }),
    drop: (reader, id) =>
      within(reader, id, async (view) => {
        if (view.state === 'done' || view.state === 'undone') return wrongState(view);
        await imports.drop(id);
        return said(null);
      }),
  };
}

function wrongState<T = ImportView>({ state }: Pick<ImportView, 'state'>): Said<T> {
  const next: Readonly<Record<ImportView['state'], readonly [string, string]>> = {
    reading: ['文件还没读完，请稍候再试。', 'The file is still being read; try again in a moment.'],
    staged: ['请先试运行，看过结果再导入。', 'Try it out first and look at the result.'],
    checked: ['这次导入还没有执行。', 'This import was not carried out yet.'],
    done: ['这次导入已经完成；要改请先撤销。', 'This import is done; to change it, undo it first.'],
    undone: ['这次导入已撤销；请重新上传文件。', 'This import was undone; upload the file again.'],
  };
  const [zh, en] = next[state];
  return no('wrong-state', { zh, en });
}

function planIssues(view: ImportView, { mapping }: ImportPlan): Said<ImportView> | null {
  const has = (field: keyof typeof mapping) => mapping[field] !== undefined;
  const message = (zh: string, en: string, path: string) => ({ path: `mapping/${path}`, message: { zh, en } });
  const issues = [
    ...(has('name') ? [] : [message('请指出哪一列是姓名。', 'Say which column is the name.', 'name')]),
    ...(has('house') || (has('building') && has('room'))
      ? []
      : [
          message(
            '请指出房屋所在的列：房屋，或楼栋和房号。',
            'Say which columns are the house: the house, or building and flat.',
            'house',
          ),
        ]),
    ...Object.entries(mapping)
      .filter(([, column]) => column >= view.columns.length)
      .map(([field]) => message('没有这一列。', 'There is no such column.', field)),
  ];
  return issues.length === 0 ? null : invalid(issues);
}

async function stage(desk: ImportDesk, reader: Reader, area: string, bytes: Buffer): Promise<Said<ImportView>> {
  const { imports, clock } = desk;
  const at = clock.now();
  await imports.dropOld(at - keptMs);
  const id = `im-${uuidv7()}`;
  const hash = createHash('sha256').update(bytes).digest();
  try {
    const rows = await stageRows(desk, { id, area, hash, by: reader.id, at }, bytes);
    if (rows === 0) throw new SheetProblem('empty');
  } catch (error) {
    await imports.drop(id);
    if (!(error instanceof SheetProblem)) throw error;
    const { zh, en } = sheetSentences[error.fault];
    const where = error.row === null ? ['', ''] : [`第 ${error.row} 行：`, `Row ${error.row}: `];
    return invalid([{ path: 'file', message: { zh: `${where[0]}${zh}`, en: `${where[1]}${en ?? ''}` } }]);
  }
  const view = await imports.import(reader.scope, id);
  return view === null ? no('not-found') : said(view);
}

async function stageRows(
  { imports, sealer }: ImportDesk,
  wanted: { id: string; area: string; hash: Buffer; by: string; at: number },
  bytes: Buffer,
): Promise<number> {
  let count = 0;
  let opened = false;
  let batch: SealedRow[] = [];
  for await (const { number, cells } of sheetRows(bytes)) {
    if (!opened) {
      const guesses = guessColumns(cells);
      const columns = cells.map((title, index) => ({ index, title: title.slice(0, 60), guess: guesses[index] ?? null }));
      await imports.open({ ...wanted, columns });
      opened = true;
      continue;
    }
    batch.push({ number, cells: sealer.seal(wanted.id, String(number), JSON.stringify(cells)) });
    count += 1;
    if (batch.length >= batchRows) await imports.addRows(wanted.id, batch.splice(0));
  }
  await imports.addRows(wanted.id, batch);
  await imports.staged(wanted.id, count);
  batch = [];
  return count;
}

interface Result {
  readonly outcomes: readonly RowOutcome[];
  readonly counts: ImportCounts;
  readonly areas: readonly string[];
}

/** Carries the result of a trial run out of the transaction that is given up. */
class TakenBack extends Error {
  readonly result: Result;

  constructor(result: Result) {
    super('a trial run ends with its transaction given up');
    this.result = result;
  }
}

async function tryOut(desk: ImportDesk, reader: Reader, view: ImportView, plan: ImportPlan): Promise<Result> {
  const result: unknown = await desk.imports
    .atOnce(async (work) => {
      await work.alone(view.id);
      throw new TakenBack(await runAll(desk, work, reader, view, plan));
    })
    .catch((error: unknown) => {
      if (error instanceof TakenBack) return error.result;
      throw error;
    });
  return result as Result;
}

/** Null where it was carried out. */
async function takeIn(
  desk: ImportDesk,
  reader: Reader,
  view: ImportView,
  plan: ImportPlan,
  skipErrors: boolean,
): Promise<Said<ImportView> | null> {
  const { id } = view;
  const wrong = await desk.imports
    .atOnce(async (work) => {
      // Somebody else was faster with the same button.
      if ((await work.alone(id)) !== 'checked') return 0;
      const result = await runAll(desk, work, reader, view, plan);
      if (result.counts.error > 0 && !skipErrors) throw new TakenBack(result);
      await work.noteRows(id, result.outcomes);
      await work.finish(id, { state: 'done', counts: result.counts, areas: result.areas, at: desk.clock.now() });
      return 0;
    })
    .catch((error: unknown) => {
      if (error instanceof TakenBack) return error.result.counts.error;
      throw error;
    });
  if (wrong === 0) return null;
  return no('wrong-state', {
    zh: `有 ${wrong} 行不对，什么也没有导入。请改好再传，或选择跳过这些行。`,
    en: `${wrong} rows are wrong and nothing was taken in. Mend them and upload again, or choose to skip them.`,
  });
}

async function runAll(desk: ImportDesk, work: ImportWork, reader: Reader, view: ImportView, plan: ImportPlan): Promise<Result> {
  const { id, area, columns, sameAs } = view;
  const run = {
    id,
    plan,
    isRepeat: sameAs !== null,
    titles: columns.map(({ title }) => title),
    reader: { ...reader, scope: { areas: [area] } },
    sealer: desk.sealer,
    houses: houseFinder(await work.areasBelow(area), plan.makeHouses),
    today: todayOf(desk),
    at: desk.clock.now(),
  };
  const outcomes: RowOutcome[] = [];
  const areas: string[] = [];
  for (let after = 0; ;) {
    const sealed = await desk.imports.sealedRows(id, after, batchRows);
    const rows = sealed.map(({ number, cells }) => ({
      number,
      cells: Cells.parse(JSON.parse(desk.sealer.open(id, String(number), cells))),
    }));
    const batch = await runBatch(work, run, rows);
    outcomes.push(...batch.outcomes);
    areas.push(...batch.houses);
    after = rows.at(-1)?.number ?? after;
    if (rows.length < batchRows) break;
  }
  const count = (outcome: RowOutcome['outcome']) => outcomes.filter((one) => one.outcome === outcome).length;
  const counts = {
    create: count('create'),
    update: count('update'),
    same: count('same'),
    error: count('error'),
    houses: areas.length,
  };
  return { outcomes, counts, areas };
}
