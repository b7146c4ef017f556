import { userInfo } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import type { OrderStep } from '../commission/order-steps.ts';
import { defaultSite } from './check.ts';
import { type Output, exit, outputFor } from './output.ts';
import { progressFor } from './progress.ts';
import { askRunning } from './running.ts';
import { isSure } from './sure.ts';

interface WriteOptions {
  json?: boolean;
  lang?: string;
  site: string;
  arg: Record<string, number | string | boolean>;
  by: string;
  yes?: boolean;
  agree?: string;
}

const examples = `
例 / examples:
  yihu-gateway write relay-1 on_3
  yihu-gateway write valve-1 set --arg opening=50      带参数 / with an argument
  yihu-gateway write --agree service:3f0c…             第二人确认 / the second person agrees`;

export function addWrite(program: Command): void {
  program
    .command('write')
    .argument('[device]', '设备 / device')
    .argument('[command]', '档案里的命令 / a command of its profile')
    .description('给设备下命令：先问一声，再显示受理、下发、回读 / give a device a command: asks first, then shows each state')
    .option('--arg <name=value>', '参数，可写几次 / an argument; may be given several times', parseArgument, {})
    .option('--by <who>', '谁下的命令 / who gives it', userInfo().username)
    .option('--agree <id>', '作为第二人同意一条在等的命令 / agree as the second person to a command that waits')
    .option('--yes', '不问 / do not ask')
    .option('--site <site.yaml>', '现场文件 / site file', defaultSite)
    .addHelpText('after', examples)
    .action((device: string | undefined, command: string | undefined, options: WriteOptions) =>
      write(device, command, options, outputFor(options)),
    );
}

/** true, false and numbers are what they look like; `name="7"` is the text 7. */
function parseArgument(text: string, before: WriteOptions['arg']): WriteOptions['arg'] {
  const [, name, value] = /^([a-z0-9][a-z0-9._-]*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError('要写成 名称=值，如 channel=3 / write it as name=value, such as channel=3');
  return { ...before, [name]: valueOf(value) };
}

function valueOf(text: string): number | string | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  const quoted = /^"(.*)"$/s.exec(text)?.[1];
  if (quoted !== undefined) return quoted;
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

async function write(
  device: string | undefined,
  command: string | undefined,
  options: WriteOptions,
  output: Output,
): Promise<void> {
  const { site, by, arg, agree } = options;
  if (agree === undefined && (device === undefined || command === undefined)) return output.fail(exit.usage, incomplete);
  const args = Object.keys(arg).length === 0 ? '' : ` ${JSON.stringify(arg)}`;
  const what = agree ?? `${device ?? ''} ${command ?? ''}${args}`;
  if (options.yes !== true && !(await isSure(what, output))) return;
  const ask = agree === undefined ? 'write' : 'agree';
  const body = agree === undefined ? { device, command, args: arg, by } : { id: agree, by };
  await follow(site, ask, body, output);
}

const incomplete = {
  zh: '要写明设备和命令，如 yihu-gateway write relay-1 on_3；有哪些命令见档案的 commands。',
  en: 'Name a device and a command, such as yihu-gateway write relay-1 on_3; its profile lists its commands.',
};

async function follow(site: string, ask: 'write' | 'agree', body: unknown, output: Output): Promise<void> {
  const progress = progressFor(output);
  const steps: OrderStep[] = [];
  const isDone = await askRunning({ site, ask, body }, output, (document) => {
    const step = document as OrderStep;
    steps.push(step);
    progress.say(lineOf(step, output));
  });
  if (!isDone) return;
  const last = steps.at(-1);
  const state = last?.kind === 'state' ? last.act.state : 'refused';
  const hasFailed = !['sent', 'confirmed', 'awaiting', 'accepted'].includes(state);
  if (hasFailed) process.exitCode = exit.problem;
  const device = (body as { device?: string }).device ?? '';
  const next = output.say({ zh: `下一步：yihu-gateway doctor ${device}`, en: `Next: yihu-gateway doctor ${device}` });
  output.result({ schema: 'yihu.write/1', state, steps }, hasFailed ? [next.trimEnd()] : []);
}

const stateWords = {
  awaiting: { zh: '等第二人确认', en: 'waits for a second person' },
  accepted: { zh: '已受理', en: 'accepted' },
  sent: { zh: '已下发', en: 'sent' },
  confirmed: { zh: '✓ 已执行（回读一致）', en: '✓ carried out (read back)' },
  refused: { zh: '✗ 被拒绝', en: '✗ refused' },
  unknown: { zh: '? 结果未知：可能执行了，也可能没有', en: '? unknown: perhaps carried out, perhaps not' },
  expired: { zh: '✗ 已过期，没有下发', en: '✗ expired, never sent' },
  blocked: { zh: '✗ 被联锁挡住，没有下发', en: '✗ blocked by an interlock, never sent' },
} as const;

function lineOf(step: OrderStep, { say }: Output): string {
  if (step.kind === 'turned-away') return `✗ ${say(step.reason)}`;
  const { state, reason, id } = step.act;
  const why = reason === undefined ? '' : `  ${say(reason)}`;
  const agree =
    state === 'awaiting'
      ? `  ${say({ zh: `由另一人执行：yihu-gateway write --agree ${id}`, en: `by somebody else: yihu-gateway write --agree ${id}` })}`
      : '';
  return `${String(step.ms).padStart(6)} ms  ${say(stateWords[state])}${why}${agree}`;
}
