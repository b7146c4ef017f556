import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { LineBudget } from '../collect/driver.ts';
import type { SitePort } from '../config.ts';
import type { Problem } from '../problems.ts';
import { loadSite } from '../site.ts';
import { type Output, exit, outputFor } from './output.ts';

export const defaultSite = 'gateway.yaml';

export function addCheck(program: Command): void {
  program
    .command('check')
    .argument('[site.yaml]', '现场文件 / site file', defaultSite)
    .description('检查现场文件，一次列出全部问题 / check a site file, every problem in one list')
    .action(async (file: string, options: { json?: boolean; lang?: string }) => {
      const output = outputFor(options);
      const loaded = await loadSite(resolve(file));
      if ('problems' in loaded) return failWithProblems(output, file, loaded.problems);
      const { ports, devices } = loaded.site;
      const budgets = budgetsOf(ports);
      const result = {
        schema: 'yihu.check/1',
        file,
        ok: true,
        problems: [],
        ports: ports.length,
        devices: devices.length,
        budgets,
      };
      output.result(result, [
        ...budgets.map(({ port, percent, likelyPercent }) =>
          output.say({
            zh: `  线路 ${port}：轮询占用 ${percent}% 的时间，算上设备反应约 ${likelyPercent}%`,
            en: `  line ${port}: its polls take ${percent} % of the time, some ${likelyPercent} % with the slaves’ thinking`,
          }),
        ),
        output.say({
          zh: `✓ ${file} 没有问题：${ports.length} 个端口，${devices.length} 台设备。下一步：yihu-gateway run ${file}`,
          en: `✓ ${file} is fine: ${ports.length} ports, ${devices.length} devices. Next: yihu-gateway run ${file}`,
        }),
      ]);
    });
}

interface Budget extends LineBudget {
  readonly port: string;
  readonly percent: number;
  readonly likelyPercent: number;
}

/** How full each line will be, before it is applied. */
function budgetsOf(ports: readonly SitePort[]): Budget[] {
  return ports.flatMap(({ id, driver, settings, devices }) => {
    const budget = driver.budget?.(settings, devices);
    if (budget === undefined) return [];
    const [percent, likelyPercent] = [budget.msPerSecond, budget.likelyMsPerSecond].map((ms) => Math.round(ms / 10));
    return [{ port: id, percent: percent ?? 0, likelyPercent: likelyPercent ?? 0, ...budget }];
  });
}

/** One line per problem, `file:line path sentence`, and exit code 2. */
export function failWithProblems(output: Output, file: string, problems: readonly Problem[]): void {
  process.exitCode = exit.problem;
  const lines = problems.map((problem) =>
    [`✗ ${problem.file}:${problem.line}`, problem.path, output.say(problem)].filter((part) => part !== '').join('  '),
  );
  const last = output.say({
    zh: `${problems.length} 个问题。改好后运行：yihu-gateway check ${file}`,
    en: `${problems.length} problem${problems.length === 1 ? '. Mend it' : 's. Mend them'}, then run: yihu-gateway check ${file}`,
  });
  output.result({ schema: 'yihu.check/1', file, ok: false, problems }, [...lines, last]);
}
