import type { Settings } from './settings.ts';

/** What the demonstration says on the terminal, in both languages. */

export interface Account {
  readonly account: string;
  readonly password: string;
  readonly name?: string;
  readonly role: string;
}

export function say(line = ''): void {
  process.stdout.write(`${line}\n`);
}

export function sayAccounts(accounts: readonly Account[], folder: string): void {
  say();
  say('账号（口令随机生成，只显示这一次） / accounts (random passwords, shown this once):');
  for (const { account, password, role, name } of accounts)
    say(`  ${account.padEnd(12)} ${password.padEnd(24)} ${role}${name ? `  ${name}` : ''}`);
  say(`  数据目录 / data folder: ${folder}`);
  say();
}

/** From the second start on. */
export function sayNoAccounts(folder: string): void {
  say(`  口令只在第一次启动时显示；忘了就删掉 ${folder} 重新开始`);
  say(`  the passwords were shown at the first start; if they are lost, remove ${folder} to begin again`);
}

/** `setupCode` opens the gateway's page until a password has been chosen there; `gateway` is its process. */
export function sayWhatToTry(url: string, { local }: Settings, gateway: number | undefined, setupCode: string | null): void {
  const page = `http://127.0.0.1:${local}`;
  say();
  say(`✓ 值班台 / dispatcher   ${url}/dispatcher/`);
  say(`✓ 物业   / property     ${url}/property/`);
  say(`✓ 网格员 / grid worker  ${url}/phone/`);
  say(`✓ 大屏   / wall         ${url}/wall/`);
  say(`✓ 安装员 / installer    ${page}/${setupCode === null ? '' : `  安装码 / setup code: ${setupCode}`}`);
  say(`✓ 接口   / API          ${url}/api/openapi.json`);
  say();
  say('试一试 / try:');
  say('  s  烟感 3-2-502 报警 / smoke alarm        c  烟雾散去 / smoke clears');
  say('  w  1 栋水浸 / water leak                  d  2 栋门被强行打开 / door forced');
  say('  在值班台按 M 呼叫居民：模拟的居民会点短信链接、回数字、有的要再打电话，有的始终不应');
  say('  press M at the desk to call the residents: they answer by link, by digit, by a second call, and some never');
  say('  g  杀掉网关 / kill the gateway            q  退出 / quit');
  say(`  或另开终端 / or in another terminal: kill -9 ${gateway ?? ''}   npx yihu-gateway status --url ${page}`);
}
