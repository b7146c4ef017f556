import { describe, expect, it, vi } from 'vitest';
import { main } from '../../../cloud/cli/main.ts';

/** One command line in this process: its exit code and what it wrote to standard output. */
async function here(...args: string[]): Promise<{ code: number; out: string }> {
  const said: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  const before = process.exitCode;
  try {
    process.exitCode = 0;
    await main(['node', 'yihu-cloud', ...args]);
    return { code: process.exitCode, out: said.join('') };
  } finally {
    process.exitCode = before;
    write.mockRestore();
  }
}

const commands = [
  ['run'],
  ['verify'],
  ['verify-checkpoints'],
  ['audit'],
  ['area', 'add'],
  ['area', 'list'],
  ['user', 'add'],
  ['user', 'password'],
  ['user', 'reset-factor'],
  ['api-key', 'add'],
  ['api-key', 'list'],
  ['api-key', 'revoke'],
  ['gateway', 'add'],
  ['gateway', 'push'],
  ['gateway', 'site'],
  ['channels', 'check'],
  ['channels', 'push-keys'],
  ['import'],
  ['keys', 'rotate'],
  ['seed'],
];

describe('help', () => {
  it.each(commands.map((command) => [command.join(' '), command] as const))('%s', async (name, command) => {
    const { code, out } = await here(...command, '--help');
    expect(code).toBe(0);
    expect(out).toContain(`用法 / Usage: yihu-cloud ${name} `);
    expect(out).not.toMatch(/^(Usage|Arguments|Options|Commands):|display help/m);
    // A default is shown as one would type it, and an empty one not at all.
    expect(out).not.toMatch(/default: [[{"]/);
    for (const option of optionsIn(out)) {
      expect(option).toMatch(/\p{Script=Han}.* \/ [A-Za-z]/u);
      // What it is when nothing is given is said in both languages.
      const [zh = '', en = ''] = option.split(' / ', 2).concat('');
      if (/默认(?! \/)/.test(zh)) expect(`${option}: ${en}`).toMatch(/default|if not given|embedded one|own listener/);
    }
  });

  it('names every command', async () => {
    const { out } = await here('--help');
    for (const [command = ''] of commands) expect(out).toMatch(new RegExp(`^ {2}${command}[| ]`, 'm'));
  });
});

/** What is said of each option, on one line. */
function optionsIn(help: string): string[] {
  const [, list = ''] = help.split('选项 / Options:\n');
  return list
    .replaceAll(/\n {10,}/g, ' ')
    .split('\n')
    .filter((line) => line.startsWith('  '));
}

describe('a slip on the command line', () => {
  it.each([
    [
      ['rnu'],
      '没有命令 rnu。想写 run？用法：yihu-cloud --help',
      "unknown command 'rnu'. Did you mean run? Usage: yihu-cloud --help",
    ],
    [['run', '--lisen', 'x'], '没有选项 --lisen。想写 --listen？', "unknown option '--lisen'. Did you mean --listen?"],
    [['run', '--log-level', 'loud'], '可以是 trace', 'it may be trace'],
    [['verify'], '缺少参数 <export.json>', "missing required argument 'export.json'"],
    [['gateway', 'add', 'gw-1'], '缺少选项 --area <path>', "required option '--area <path>' not specified"],
    [
      ['user', '--lang', 'en'],
      'yihu-cloud user 后面要写明做什么：add、password、reset-factor',
      'Say what yihu-cloud user is to do',
    ],
  ])('%j', async (args, zh, en) => {
    const { code, out } = await here(...args, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual({ error: { zh: expect.stringContaining(zh), en: expect.stringContaining(en) } });
  });
});
