import { resolve } from 'node:path';
import type { Command } from 'commander';
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
      output.result({ schema: 'yihu.check/1', file, ok: true, problems: [], ports: ports.length, devices: devices.length }, [
        output.say({
          zh: `✓ ${file} 没有问题：${ports.length} 个端口，${devices.length} 台设备。下一步：yihu-gateway run ${file}`,
          en: `✓ ${file} is fine: ${ports.length} ports, ${devices.length} devices. Next: yihu-gateway run ${file}`,
        }),
      ]);
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
