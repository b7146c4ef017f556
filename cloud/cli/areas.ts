import { type AreaKind, AreaPath, areaKinds } from '@yihu/device-profiles/vocabulary/place.ts';
import { type Command, Option } from 'commander';
import { systemClock } from '../clock.ts';
import { areaRecords } from '../records/areas.ts';
import type { Database } from '../records/database.ts';
import { listAreas } from '../records/registry.ts';
import { mayStandBelow, parentOf } from '../registry/grids.ts';
import { everywhere } from '../registry/rights.ts';
import { sayNoArea } from './area-there.ts';
import { withDatabase } from './database.ts';
import { exitCodes, failWith, outputOf, type Output } from './output.ts';
import { auditHere } from './registry.ts';
import { settingsOf, withSettings } from './settings.ts';

/** Streets, communities and grids: gateways, accounts and people are given to them, so that they come first. */
export function addArea(program: Command): void {
  const area = program.command('area').alias('areas').description('区域：街道、社区、网格 / areas: street, community, grid');
  withSettings(area.command('add').argument('<path>', '区域路径，如 xingfu/xfl / its path, such as xingfu/xfl'))
    .description(
      '新建区域，先建上级；楼栋以下随设备和居民表而来 / a new area below one that is there; buildings come with devices and people',
    )
    .addOption(new Option('--kind <kind>', '种类 / kind').choices(areaKinds).makeOptionMandatory())
    .requiredOption('--name <name>', '名称，如 幸福里 / its name')
    .action((path: string, options: NewArea, command: Command) => add(path, options, command));
  withSettings(area.command('list'))
    .description('列出街道、社区和网格 / the streets, communities and grids')
    .action((_options: object, command: Command) => list(command));
}

interface NewArea {
  readonly kind: AreaKind;
  readonly name: string;
}

const all = { areas: [everywhere] };

async function add(path: string, { kind, name }: NewArea, command: Command): Promise<void> {
  const output = outputOf(command);
  if (!AreaPath.safeParse(path).success)
    return output.fail(exitCodes.usage, {
      zh: `${path} 不是区域路径：各级编号用 / 连接，每级 1–32 个字母、数字、_ 或 -，如 xingfu/xfl`,
      en: `${path} is not an area path: codes of 1–32 of A-Z a-z 0-9 _ - joined by /, such as xingfu/xfl`,
    });
  const settings = settingsOf(command, output);
  if (settings === null) return;
  try {
    await withDatabase(settings, (database) => create(database, output, path, { kind, name }));
  } catch (error) {
    failWith(output, error);
  }
}

async function create(database: Database, output: Output, path: string, { kind, name }: NewArea): Promise<void> {
  const records = areaRecords(database.db, systemClock);
  const parent = parentOf(path);
  const above = parent === null ? null : await records.page(all, parent);
  if (parent !== null && above === null) return sayNoArea(output, parent);
  const below = above?.area.kind ?? null;
  if (below !== null && !mayStandBelow(kind, below)) return sayMisplaced(output, path, kind, below);
  const made = await records.create(all, { path, parent, kind, name });
  if (!made.ok)
    return output.fail(exitCodes.problem, {
      zh: `区域 ${path} 已经有了。查看：yihu-cloud area list`,
      en: `There is an area ${path} already. See them: yihu-cloud area list`,
    });
  await auditHere(database, 'area add', path);
  output.say({ schema: 'yihu.area/1', path, kind, name }, [
    { zh: `✓ 已新建 ${path} ${name}（${kind}）`, en: `✓ ${path} ${name} (${kind}) is there` },
  ]);
}

function sayMisplaced(output: Output, path: string, kind: AreaKind, below: AreaKind): void {
  output.fail(exitCodes.usage, {
    zh: `${path}：${kind} 不能在 ${below} 下面。次序是 ${areaKinds.join(' > ')}。`,
    en: `${path}: a ${kind} does not stand below a ${below}. The order is ${areaKinds.join(' > ')}.`,
  });
}

async function list(command: Command): Promise<void> {
  const output = outputOf(command);
  const settings = settingsOf(command, output);
  if (settings === null) return;
  const kinds = new Set<string>(['street', 'community', 'grid']);
  try {
    await withDatabase(settings, async (database) => {
      const areas = (await listAreas(database.db, all)).filter(({ kind }) => kinds.has(kind));
      const lines = areas.map(({ path, kind, name }) => ({ zh: `${path.padEnd(24)} ${kind.padEnd(10)} ${name}` }));
      const none = {
        zh: '还没有区域。先建街道：yihu-cloud area add xingfu --kind street --name 幸福街道',
        en: 'There are no areas yet. Make the street first: yihu-cloud area add xingfu --kind street --name 幸福街道',
      };
      output.say({ schema: 'yihu.areas/1', areas }, lines.length === 0 ? [none] : lines);
    });
  } catch (error) {
    failWith(output, error);
  }
}
