import { statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { type CatalogueRow, catalogue, catalogueMarkdown, categoryNames } from '@yihu/device-profiles/library/catalogue.ts';
import { type ProfileProblem, loadLibrary, loadProfile } from '@yihu/device-profiles/library/load.ts';
import { textIn } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Command } from 'commander';
import { proveProfile } from '../prove.ts';
import { type Output, exit, outputFor, table } from './output.ts';
import { addProfileNew } from './profile-new.ts';
import { showProfile } from './profile-show.ts';
import { testProfile } from './profile-test.ts';

export function addProfile(program: Command): void {
  const profile = program.command('profile').description('设备档案 / device profiles');
  profile
    .command('check')
    .argument('<file|dir>', '档案或目录 / profile or folder')
    .description('检查档案并跑它自带的测试向量 / check a profile and run its own vectors')
    .action(async (path: string, options: { json?: boolean; lang?: string }) => {
      const output = outputFor(options);
      let isFolder: boolean;
      try {
        isFolder = statSync(path).isDirectory();
      } catch (error) {
        return output.fail(exit.problem, {
          zh: `读不到 ${path}（${String((error as NodeJS.ErrnoException).code)}）。请检查路径。列出全部：yihu-gateway profile list`,
          en: `${path} cannot be read (${String((error as NodeJS.ErrnoException).code)}). Check the path. All there are: yihu-gateway profile list`,
        });
      }
      const { checked, problems } = isFolder ? await checkFolder(path) : await checkFile(path);
      report(output, path, checked, problems);
    });
  profile
    .command('test')
    .argument('<file|id>', '档案 / profile')
    .description('逐个跑测试向量，不符的给出行号 / run its vectors one by one, what fails with its line')
    .addHelpText('after', '\n例 / example:\n  yihu-gateway profile test profiles/acme/m1.yaml')
    .action((said: string, options: { json?: boolean; lang?: string }) => testProfile(said, outputFor(options)));
  profile
    .command('show')
    .argument('<file|id>', '档案 / profile')
    .description(
      '一个档案说了什么：点位、告警、安装参数、命令 / what a profile says: points, alarms, what an installer sets, commands',
    )
    .addHelpText('after', '\n例 / example:\n  yihu-gateway profile show chint.ddsu666')
    .action((said: string, options: { json?: boolean; lang?: string }) => showProfile(said, outputFor(options)));
  addProfileNew(profile);
  profile
    .command('list')
    .option('--markdown', '输出 docs/devices.md / as docs/devices.md')
    .description('档案库里有什么 / what the library holds')
    .action(async (options: { json?: boolean; lang?: string; markdown?: boolean }) =>
      list(outputFor(options), options.markdown === true),
    );
}

interface Checked {
  readonly id: string;
  readonly tier: string;
}

async function checkFile(file: string): Promise<{ checked: Checked[]; problems: readonly ProfileProblem[] }> {
  const loaded = await loadProfile(resolve(file), { prove: proveProfile });
  if ('problems' in loaded) return { checked: [], problems: loaded.problems };
  return { checked: [{ id: loaded.profile.id, tier: loaded.tier }], problems: [] };
}

async function checkFolder(folder: string): Promise<{ checked: Checked[]; problems: readonly ProfileProblem[] }> {
  const { profiles, problems } = await loadLibrary(resolve(folder), { prove: proveProfile });
  return { checked: [...profiles.values()].map(({ profile, tier }) => ({ id: profile.id, tier })), problems };
}

function report(output: Output, path: string, checked: readonly Checked[], problems: readonly ProfileProblem[]): void {
  if (problems.length > 0) process.exitCode = exit.problem;
  const bad = problems.map(
    (problem) =>
      `✗ ${basename(dirname(problem.file))}/${basename(problem.file)}:${problem.line}  ${problem.path}  ${output.say(problem)}`,
  );
  const good = checked.map(({ id, tier }) => `✓ ${id}  ${tier}`);
  const none = checked.length === 0 && problems.length === 0;
  if (none)
    return output.fail(exit.problem, {
      zh: `${path} 里没有档案。目录应为 <厂商>/<型号>.yaml。`,
      en: `There is no profile in ${path}. A folder holds <maker>/<model>.yaml.`,
    });
  output.result({ schema: 'yihu.profile-check/1', ok: problems.length === 0, profiles: checked, problems }, [...good, ...bad]);
}

async function list(output: Output, isMarkdown: boolean): Promise<void> {
  const { profiles, problems } = await loadLibrary(undefined, { prove: proveProfile });
  const rows = catalogue(profiles.values());
  if (problems.length > 0) process.exitCode = exit.problem;
  const lines = isMarkdown ? catalogueMarkdown(rows).trimEnd().split('\n') : table(tableRows(rows, output));
  output.result({ schema: 'yihu.profile-list/1', profiles: rows, problems }, [
    ...lines,
    ...problems.map((problem) => `✗ ${problem.file}:${problem.line} ${output.say(problem)}`),
  ]);
}

function tableRows(rows: readonly CatalogueRow[], { say, language }: Output): string[][] {
  const head = [
    say({ zh: '档案', en: 'PROFILE' }),
    say({ zh: '名称', en: 'NAME' }),
    say({ zh: '类别', en: 'CLASS' }),
    say({ zh: '协议', en: 'WIRE' }),
    say({ zh: '级别', en: 'TIER' }),
    say({ zh: '依据', en: 'CONFIDENCE' }),
    say({ zh: '向量', en: 'VECTORS' }),
  ];
  const body = rows.map(({ id, name, category, wire, tier, confidence, vectors }) => [
    id,
    textIn(name, language),
    say(categoryNames[category]),
    wire,
    tier,
    confidence,
    String(vectors),
  ]);
  return [head, ...body];
}
