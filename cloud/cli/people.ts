import { AreaPath } from '@yihu/device-profiles/vocabulary/place.ts';
import { Role, roles } from '@yihu/device-profiles/vocabulary/view.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Command } from 'commander';
import { systemClock } from '../clock.ts';
import type { Database } from '../records/database.ts';
import { isThere, sayNoArea } from './area-there.ts';
import { auditRecords } from '../records/audit.ts';
import { factorRecords } from '../records/factors.ts';
import { userRecords } from '../records/users.ts';
import { accountKey, createAccounts, type Accounts, type UserProblem } from '../registry/users.ts';
import { createPasswords, randomPassword } from '../registry/users-passwords.ts';
import { withDatabase } from './database.ts';
import { exitCodes, failWith, outputOf, type Output } from './output.ts';
import { settingsOf, withSettings } from './settings.ts';

export function addUser(program: Command): void {
  const user = program.command('user').description('账号 / accounts');
  withSettings(user.command('add').argument('<account>'))
    .description('新建账号，密码随机生成并只显示一次 / a new account; its random password is shown once')
    .requiredOption('--name <name>', '姓名 / name')
    .requiredOption('--role <role>', `角色 / role: ${roles.join(' | ')}`)
    .option('--area <path>', '区域，默认全部 / area, the whole tree if not given', '')
    .option('--phone <number>', '电话 / telephone')
    .action((account: string, options: NewUser, command: Command) => addAccount(account, options, command));
  withSettings(user.command('password').argument('<account>'))
    .description('重置密码并结束其全部会话 / a new random password; ends all sessions of the account')
    .action((account: string, _options: object, command: Command) => resetPassword(account, command));
  withSettings(user.command('reset-factor').argument('<account>'))
    .description('取消丢失的第二因素并结束其全部会话 / take away a lost second factor; ends all sessions of the account')
    .action((account: string, _options: object, command: Command) => resetFactor(account, command));
}

interface NewUser {
  readonly name: string;
  readonly role: string;
  readonly area: string;
  readonly phone?: string;
}

function accountsOf(database: Database): Accounts {
  return createAccounts(userRecords(database.db), createPasswords(), systemClock);
}

/** Whoever may read the data folder may do this; the audit says that it was done here and not over the web. */
async function auditCommand(database: Database, action: string, object: string): Promise<void> {
  const who = { actor: null, account: null, role: null, area: null, ip: 'cli' };
  await auditRecords(database.db).append({ at: systemClock.now(), ...who, action, object, result: 'ok', detail: {} });
}

async function addAccount(account: string, { name, role, area, phone }: NewUser, command: Command): Promise<void> {
  const output = outputOf(command);
  const wanted = Role.safeParse(role);
  if (!wanted.success)
    return output.fail(exitCodes.usage, {
      zh: `没有角色 ${role}；可用：${roles.join(' ')}`,
      en: `No role ${role}; there are: ${roles.join(' ')}`,
    });
  if (area !== '' && !AreaPath.safeParse(area).success) {
    return output.fail(exitCodes.usage, {
      zh: `${area} 不是区域路径，如 xingfu/xfl`,
      en: `${area} is not an area path such as xingfu/xfl`,
    });
  }
  const settings = settingsOf(command, output);
  if (settings === null) return;
  try {
    await withDatabase(settings, async (database) => {
      if (!(await isThere(database, area))) return sayNoArea(output, area);
      const password = randomPassword();
      const grants = [{ area, role: wanted.data }];
      const result = await accountsOf(database).create({ account, name, phone: phone ?? null, password, grants });
      if (!result.ok) return sayProblem(output, account, result.code);
      await auditCommand(database, 'user add', result.user.id);
      return sayPassword(output, result.user.account, password);
    });
  } catch (error) {
    failWith(output, error);
  }
}

async function resetPassword(account: string, command: Command): Promise<void> {
  const output = outputOf(command);
  const settings = settingsOf(command, output);
  if (settings === null) return;
  try {
    await withDatabase(settings, async (database) => {
      const accounts = accountsOf(database);
      const user = (await accounts.list()).find((each) => each.account === accountKey(account));
      if (!user) return sayProblem(output, account, 'unknown-user');
      const password = randomPassword();
      const result = await accounts.change(user.id, user.version, { password });
      if (!result.ok) return sayProblem(output, account, result.code);
      await auditCommand(database, 'user password', user.id);
      return sayPassword(output, user.account, password);
    });
  } catch (error) {
    failWith(output, error);
  }
}

async function resetFactor(account: string, command: Command): Promise<void> {
  const output = outputOf(command);
  const settings = settingsOf(command, output);
  if (settings === null) return;
  try {
    await withDatabase(settings, async (database) => {
      const user = (await accountsOf(database).list()).find((each) => each.account === accountKey(account));
      if (!user) return sayProblem(output, account, 'unknown-user');
      if (!(await factorRecords(database.db).dropFactor(user.id))) return sayProblem(output, account, 'no-factor');
      await auditCommand(database, 'user reset-factor', user.id);
      return output.say({ schema: 'yihu.factor-reset/1', account: user.account }, [
        {
          zh: `✓ 账号 ${user.account} 的第二因素已取消，全部会话已结束。下一步：请本人用密码登录并重新绑定。`,
          en: `✓ Account ${user.account} has no second factor now and all its sessions ended. Next: they sign in and enrol again.`,
        },
      ]);
    });
  } catch (error) {
    failWith(output, error);
  }
}

function sayPassword(output: Output, account: string, password: string): void {
  output.say({ schema: 'yihu.account/1', account, password }, [
    {
      zh: `✓ 账号 ${account}，密码（只显示这一次）：${password}`,
      en: `✓ Account ${account}, password (shown this once): ${password}`,
    },
  ]);
}

function sayProblem(output: Output, account: string, code: UserProblem | 'no-factor'): void {
  const sentences: Partial<Record<UserProblem | 'no-factor', Text>> = {
    'account-taken': {
      zh: `账号 ${account} 已存在。换一个，或用 user password 重置它的密码。`,
      en: `Account ${account} exists. Choose another, or reset its password with user password.`,
    },
    'no-factor': {
      zh: `账号 ${account} 没有绑定第二因素，无需取消。`,
      en: `Account ${account} has no second factor; there is nothing to take away.`,
    },
    'unknown-user': {
      zh: `没有账号 ${account}。可用 user add 新建。`,
      en: `There is no account ${account}. Make it with user add.`,
    },
  };
  output.fail(
    exitCodes.problem,
    sentences[code] ?? { zh: `没有成功（${code}），请重试。`, en: `It did not work (${code}); try again.` },
    { code },
  );
}
