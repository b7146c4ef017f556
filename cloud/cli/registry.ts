import { readFile, stat } from 'node:fs/promises';
import { AreaPath } from '@yihu/device-profiles/vocabulary/place.ts';
import type { ImportPlan, ImportView } from '@yihu/device-profiles/vocabulary/registry-import.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Command } from 'commander';
import { systemClock } from '../clock.ts';
import type { CloudConfig } from '../config.ts';
import type { DataFolder } from '../data-folder.ts';
import { openRegistryDesk } from '../open-registry.ts';
import { auditRecords } from '../records/audit.ts';
import type { Database } from '../records/database.ts';
import { resealAll } from '../records/reseal.ts';
import { turned, writeKeyFile } from '../registry/key-file.ts';
import { openKeys } from '../registry/open-keys.ts';
import { createImports } from '../registry/imports.ts';
import type { Reader } from '../registry/reader.ts';
import type { RegistryDesk } from '../registry/registry.ts';
import type { Said } from '../registry/said.ts';
import { sheetLimits } from '../registry/sheets/sheet.ts';
import { keyRecords } from '../records/keys.ts';
import { withDatabase } from './database.ts';
import { exitCodes, failWith, outputOf, type Output } from './output.ts';
import { settingsOf, withSettings } from './settings.ts';

export function addRegistry(program: Command): void {
  withSettings(program.command('import').argument('<people.xlsx|people.csv>'))
    .description('导入居民表：默认只试运行，--run 才写入 / a table of people: a trial, or for good with --run')
    .requiredOption('--area <path>', '社区、网格或楼栋，如 xingfu/xfl / community, grid or building, such as xingfu/xfl')
    .option('--run', '写入 / carry it out')
    .option('--skip-errors', '跳过有错的行 / leave out the rows that are wrong')
    .option('--make-houses', '新建表里有、系统里没有的房屋 / make houses that are not there yet')
    .action((file: string, options: ImportOptions, command: Command) => importFile(file, options, command));
  const keys = program.command('keys').description('个人信息密钥 / the keys of the personal data');
  withSettings(keys.command('rotate'))
    .description(
      '换一把新钥匙并用它重新封存一切；旧钥匙留在文件里，好打开备份 / a new key seals everything anew; old ones stay for backups',
    )
    .action((_options: object, command: Command) => rotate(command));
}

interface ImportOptions {
  readonly area: string;
  readonly run?: boolean;
  readonly skipErrors?: boolean;
  readonly makeHouses?: boolean;
}

/** Whoever may read the data folder may do this; the audit says that it was done here and not over the web. */
export async function auditHere(
  database: Database,
  action: string,
  object: string,
  detail: Record<string, number> = {},
): Promise<void> {
  const who = { actor: null, account: null, role: null, area: null, ip: 'cli' };
  await auditRecords(database.db).append({ at: systemClock.now(), ...who, action, object, result: 'ok', detail });
}

export function registryDesk(database: Database, data: DataFolder, config: CloudConfig): Promise<RegistryDesk> {
  return openRegistryDesk({ database, clock: systemClock, keyFile: config.peopleKeyFile ?? data.peopleKey });
}

async function importFile(file: string, options: ImportOptions, command: Command): Promise<void> {
  const output = outputOf(command);
  if (!AreaPath.safeParse(options.area).success) {
    const zh = `${options.area} 不是区域路径，如 xingfu/xfl`;
    return output.fail(exitCodes.usage, { zh, en: `${options.area} is not an area path such as xingfu/xfl` });
  }
  const bytes = await readTable(file, output);
  const settings = bytes === null ? null : settingsOf(command, output);
  if (bytes === null || settings === null) return;
  try {
    await withDatabase(settings, async (database, data) => {
      const view = await takeIn(await registryDesk(database, data, settings), options, bytes, output);
      if (view === null) return;
      if (view.state === 'done') await auditHere(database, 'import', view.id, { rows: view.rows });
      sayImport(output, view, file);
    });
  } catch (error) {
    failWith(output, error);
  }
}

async function readTable(file: string, output: Output): Promise<Buffer | null> {
  try {
    if ((await stat(file)).size > sheetLimits.bytes) throw new Error('16 MB');
    return await readFile(file);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    output.fail(exitCodes.usage, { zh: `读不了 ${file}：${why}`, en: `Cannot read ${file}: ${why}` });
    return null;
  }
}

/** Null after the reason was said. */
async function takeIn(desk: RegistryDesk, options: ImportOptions, bytes: Buffer, output: Output): Promise<ImportView | null> {
  const imports = createImports(desk);
  const reader: Reader = { id: 'cli', grants: [{ area: options.area, role: 'property' }], scope: { areas: [options.area] } };
  const staged = valueOr(await imports.stage(reader, options.area, bytes), output);
  if (staged === null) return null;
  const mapping = Object.fromEntries(staged.columns.flatMap(({ guess, index }) => (guess === null ? [] : [[guess, index]])));
  const plan: ImportPlan = { mapping, source: 'import', basis: 'duty', role: 'owner', makeHouses: options.makeHouses === true };
  const checked = valueOr(await imports.check(reader, staged.id, plan), output);
  if (checked === null) return null;
  if (options.run === true) return valueOr(await imports.run(reader, staged.id, options.skipErrors === true), output);
  const { items } = (await imports.rows(reader, staged.id, { outcome: 'error', after: 0, limit: 20 })) ?? { items: [] };
  for (const { number, issues } of items) for (const { column, message } of issues) sayIssue(output, number, column, message);
  await imports.drop(reader, staged.id);
  return checked;
}

function valueOr<T>(answer: Said<T>, output: Output): T | null {
  if (answer.ok) return answer.value;
  const sentence = answer.sentence ??
    answer.issues?.[0]?.message ?? { zh: `没有成功（${answer.code}）。`, en: `It did not work (${answer.code}).` };
  output.fail(exitCodes.problem, sentence, { code: answer.code, issues: answer.issues ?? [] });
  return null;
}

function sayIssue(output: Output, row: number, column: string | null, message: Text): void {
  const where = column === null ? String(row) : `${row} ${column}`;
  const said = output.language === 'zh' ? message.zh : (message.en ?? message.zh);
  process.stderr.write(`  ${where}: ${said}\n`);
}

function sayImport(output: Output, { id, state, counts, rows }: ImportView, file: string): void {
  const { create = 0, update = 0, same = 0, error = 0, houses = 0 } = counts ?? {};
  const done = state === 'done';
  output.say({ schema: 'yihu.import/1', id, state, rows, counts }, [
    {
      zh: `${done ? '✓ 已导入' : '试运行'} ${file}：新增 ${create} 人，更新 ${update} 人，不变 ${same} 人，有错 ${error} 行，新建房屋 ${houses} 处`,
      en: `${done ? '✓ Took in' : 'Trial of'} ${file}: ${create} people new, ${update} changed, ${same} as they were, ${error} rows wrong, ${houses} houses made`,
    },
    ...(done
      ? []
      : [{ zh: '  下一步：改好有错的行，再加 --run 写入', en: '  Next: mend the rows that are wrong, then add --run' }]),
  ]);
}

async function rotate(command: Command): Promise<void> {
  const output = outputOf(command);
  const settings = settingsOf(command, output);
  if (settings === null) return;
  try {
    await withDatabase(settings, async (database, data) => {
      await registryDesk(database, data, settings);
      const file = settings.peopleKeyFile ?? data.peopleKey;
      const { ring } = await openKeys(file, keyRecords(database.db), systemClock.now());
      await writeKeyFile(file, turned(ring, systemClock.now()));
      const { sealer } = await openKeys(file, keyRecords(database.db), systemClock.now());
      const count = await resealAll(database.db, sealer);
      await auditHere(database, 'keys rotate', sealer.current, { resealed: count });
      output.say({ schema: 'yihu.keys/1', current: sealer.current, resealed: count, file }, [
        {
          zh: `✓ 新钥匙 ${sealer.current}，重新封存了 ${count} 个值。请马上备份 ${file}，并与数据库备份分开保管。`,
          en: `✓ New key ${sealer.current}; ${count} values were sealed anew. Back up ${file} now, apart from the backups of the database.`,
        },
      ]);
    });
  } catch (error) {
    failWith(output, error);
  }
}
