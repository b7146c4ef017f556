import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { here } from './here.ts';

const commands = [
  ['init'],
  ['apply'],
  ['write-raw'],
  ['login', 'reset'],
  ['export'],
  ['pair'],
  ['pair-zigbee'],
  ['run'],
  ['check'],
  ['status'],
  ['doctor'],
  ['write'],
  ['alarm', 'list'],
  ['alarm', 'test'],
  ['config', 'check'],
  ['config', 'show'],
  ['config', 'diff'],
  ['profile', 'check'],
  ['profile', 'list'],
  ['profile', 'test'],
  ['profile', 'show'],
  ['profile', 'new'],
  ['decode'],
  ['read'],
  ['probe'],
  ['scan', 'serial'],
  ['scan', 'tcp'],
  ['scan', 'cameras'],
  ['scan', 'mqtt'],
  ['simulate'],
  ['claim'],
  ['secret'],
];

describe('help', () => {
  it.each(commands.map((command) => [command.join(' '), command] as const))('%s', async (name, command) => {
    const { code, out } = await here(...command, '--help');
    expect(code).toBe(0);
    expect(out).toContain(`Usage: yihu-gateway ${name} `);
    expect(out).toContain('--json');
    expect(out).toContain('--lang');
    // Every line that explains something does so in both languages.
    expect(out.split('\n\n')[1]).toMatch(/\p{Script=Han}.* \/ [A-Za-z]/su);
    expect(out).not.toMatch(/^(Usage|Arguments|Options|Global Options|Commands):/m);
    // A default is shown as one would type it, and an empty one not at all.
    expect(out).not.toMatch(/default: [[{"]/);
  });

  it('names every command', async () => {
    const { out } = await here('--help');
    for (const [command = ''] of commands) expect(out).toMatch(new RegExp(`^ {2}${command}[| ]`, 'm'));
  });
});

describe('a slip on the command line', () => {
  it.each([
    [['chek'], '没有命令 chek。想写 check？', "unknown command 'chek'. Did you mean check?"],
    [['profile', 'chek'], '没有命令 chek。想写 check？', "unknown command 'chek'. Did you mean check?"],
    [['decode', '--tpye', 'f32'], '没有选项 --tpye。想写 --type？', "unknown option '--tpye'. Did you mean --type?"],
    [['secret'], '缺少参数 <key file>', "missing required argument 'key file'"],
    [['check', 'a', 'b'], '参数太多', 'too many arguments'],
    [['read', '--unit', '300', '--tcp', 'a:1'], '应为 0 到 255 的整数', 'a whole number from 0 to 255'],
    [['read', '--tcp', 'a:1', '--serial', '/dev/x'], '请给且只给一个', 'Give exactly one'],
    [['read', '--tcp', 'a:99999'], '65535', '65535'],
    [['run', '--log-level', 'loud'], '可以是 trace', 'it may be trace'],
    [['read', '--tcp', 'a:1', '--watch'], '--watch 是给人看的', '--watch is for people'],
    [['simulate', '--port', '99999'], '应为 1 到 65535 的整数', 'a whole number from 1 to 65535'],
    [['status', '--url', 'x'], '不是网址', 'is no address'],
    [
      ['scan', 'mqtt', 'http://x'],
      '参数 <url>“http://x” 的值不对：要写成 mqtt://主机:端口。用法：yihu-gateway scan mqtt --help',
      "argument <url> 'http://x' is invalid: write it as mqtt://host:port. Usage: yihu-gateway scan mqtt --help",
    ],
    [
      ['scan', 'serial', 'x', '--parity', 'x'],
      '可以是 none, even, odd。用法：yihu-gateway scan serial --help',
      'it may be none, even, odd',
    ],
    [['status', '--lang', 'fr'], '可以是 zh, en', 'it may be zh, en'],
  ])('%j', async (args, zh, en) => {
    const { code, out } = await here(...args, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual({
      schema: 'yihu.error/1',
      error: { zh: expect.stringContaining(zh), en: expect.stringContaining(en) },
    });
  });

  it('an option without its value', async () => {
    const { code, out } = await here('decode', '--json', '--words');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toEqual({
      schema: 'yihu.error/1',
      error: {
        zh: expect.stringContaining('选项 --words <hex,hex…> 后面缺少值'),
        en: expect.stringContaining('argument missing'),
      },
    });
  });
});

describe('status without an address', () => {
  it.each([
    ['0.0.0.0:9', 'http://127.0.0.1:9 '],
    ['127.0.0.2:9', 'http://127.0.0.2:9 '],
  ])('asks where the site file listens: %s', async (listen, asked) => {
    const folder = mkdtempSync(join(tmpdir(), 'yihu-status-'));
    const file = join(folder, 'site.yaml');
    writeFileSync(file, `schema: yihu-site/1\nlisten: "${listen}"\n`);
    const { code, out } = await here('status', '--site', file, '--json');
    rmSync(folder, { recursive: true });
    expect(code).toBe(3);
    expect(out).toContain(asked);
  });
});

describe('a file or a profile that is none', () => {
  it.each([
    [['check', '/dev/zero'], 2, '这不是普通文件', 'This is no plain file'],
    [['profile', 'check', '/dev/zero'], 2, '这不是普通文件', 'This is no plain file'],
    [['profile', 'test', 'nope.nope'], 2, '没有档案 nope.nope', 'no profile nope.nope in the library'],
    [['profile', 'show', 'nope'], 2, '没有档案 nope', 'no profile nope in the library'],
    [
      ['decode', '--profile', 'nope.nope', '--start', '0', '--words', '1'],
      2,
      '没有档案',
      'See them all: yihu-gateway profile list',
    ],
    [['read', '--serial', '/dev/null'], 3, '不是串口', 'is no serial port'],
  ])('%j', async (args, expected, zh, en) => {
    const { code, out } = await here(...args, '--json');
    expect(code).toBe(expected);
    const document = JSON.parse(out) as { schema: string };
    expect(document.schema).toMatch(/^yihu\.[a-z-]+\/1$/);
    expect(out).toContain(zh);
    expect(out).toContain(en);
  });
});
