import { type ApiKey, ApiScope, apiScopes } from '@yihu/device-profiles/vocabulary/api-key.ts';
import { AreaPath } from '@yihu/device-profiles/vocabulary/place.ts';
import type { Command } from 'commander';
import { z } from 'zod';
import { systemClock } from '../clock.ts';
import { limits } from '../limits.ts';
import { apiKeyRecords } from '../records/api-keys.ts';
import type { Database } from '../records/database.ts';
import { type ApiKeys, createApiKeys } from '../registry/api-keys.ts';
import { everywhere } from '../registry/rights.ts';
import { isThere, sayNoArea } from './area-there.ts';
import { withDatabase } from './database.ts';
import { exitCodes, failWith, outputOf } from './output.ts';
import { auditHere } from './registry.ts';
import { settingsOf, withSettings } from './settings.ts';

const dayMs = 24 * 3_600_000;

export function addApiKeys(program: Command): void {
  const keys = program.command('api-key').description('接口密钥 / keys of other systems');
  withSettings(keys.command('add').argument('<name>'))
    .description('新建接口密钥，只显示这一次 / a new key, shown this once')
    .requiredOption('--scopes <list>', `能做什么，逗号分开 / what it may do, separated by commas: ${apiScopes.join(',')}`)
    .requiredOption('--days <number>', `有效天数，1–${limits.apiKeyDays} / days until it ends, 1–${limits.apiKeyDays}`)
    .option('--area <path>', '区域，默认全部 / area, the whole tree if not given', everywhere)
    .action((name: string, options: NewKey, command: Command) => add(name, options, command));
  withSettings(keys.command('list'))
    .description('列出接口密钥，不含密钥本身 / the keys, without their secrets')
    .action((_options: object, command: Command) => list(command));
  withSettings(keys.command('revoke').argument('<id>'))
    .description('立即撤销 / revoke at once')
    .action((id: string, _options: object, command: Command) => revoke(id, command));
}

interface NewKey {
  readonly scopes: string;
  readonly days: string;
  readonly area: string;
}

const Wish = z.strictObject({
  name: z.string().min(1).max(60),
  scopes: z.array(ApiScope).min(1),
  days: z.coerce.number().int().min(1).max(limits.apiKeyDays),
  area: z.union([z.literal(everywhere), AreaPath]),
});

/** Runs on the records of the settings; what goes wrong is said. */
async function onKeys(
  command: Command,
  run: (keys: ApiKeys, audit: (action: string, id: string) => Promise<void>, database: Database) => Promise<void>,
) {
  const output = outputOf(command);
  const settings = settingsOf(command, output);
  if (settings === null) return;
  try {
    await withDatabase(settings, (database) =>
      run(createApiKeys(apiKeyRecords(database.db), systemClock), (action, id) => auditHere(database, action, id), database),
    );
  } catch (error) {
    failWith(output, error);
  }
}

async function add(name: string, { scopes, days, area }: NewKey, command: Command): Promise<void> {
  const output = outputOf(command);
  const wish = Wish.safeParse({ name, scopes: scopes.split(','), days, area });
  if (!wish.success) {
    const list = wish.error.issues.map(({ path, message }) => `\n  ${path.join('.')}: ${message}`).join('');
    return output.fail(exitCodes.usage, { zh: `写法不对：${list}`, en: `This is not right:${list}` });
  }
  const { days: lasts, ...rest } = wish.data;
  await onKeys(command, async (keys, audit, database) => {
    if (!(await isThere(database, rest.area))) return sayNoArea(output, rest.area);
    const made = await keys.create({ ...rest, expiresAt: systemClock.now() + lasts * dayMs }, { id: 'cli', name: 'cli' });
    await audit('api-key add', made.id);
    output.say({ schema: 'yihu.api-key/1', id: made.id, key: made.key, expiresAt: made.expiresAt }, [
      {
        zh: `✓ 接口密钥 ${made.name}（只显示这一次）：${made.key}\n  用法：Authorization: Bearer …；撤销：yihu-cloud api-key revoke ${made.id}`,
        en: `✓ API key ${made.name} (shown this once): ${made.key}\n  Use: Authorization: Bearer …; revoke: yihu-cloud api-key revoke ${made.id}`,
      },
    ]);
  });
}

const states: Record<ApiKey['state'], string> = { active: '有效', expired: '已过期', revoked: '已撤销' };

async function list(command: Command): Promise<void> {
  await onKeys(command, async (keys) => {
    const all = await keys.list([everywhere]);
    const day = (at: number) => new Date(at).toISOString().slice(0, 10);
    const lines = all.map(({ id, name, prefix, area, scopes, state, expiresAt }) => {
      const rest = `${prefix}  ${area === everywhere ? '*' : area}  ${scopes.join(',')}  ${day(expiresAt)}  ${id}`;
      return { zh: `${states[state]}  ${name}  ${rest}`, en: `${state}  ${name}  ${rest}` };
    });
    outputOf(command).say({ schema: 'yihu.api-keys/1', keys: all }, lines);
  });
}

async function revoke(id: string, command: Command): Promise<void> {
  const output = outputOf(command);
  await onKeys(command, async (keys, audit) => {
    const key = await keys.revoke([everywhere], id, 'cli');
    if (key === null) {
      const zh = `没有接口密钥 ${id}。可用 api-key list 查看。`;
      return output.fail(exitCodes.problem, { zh, en: `There is no API key ${id}. See api-key list.` });
    }
    await audit('api-key revoke', id);
    return output.say({ schema: 'yihu.api-key/1', id, state: key.state }, [
      { zh: `✓ 接口密钥 ${key.name} 已撤销，立即失效。`, en: `✓ API key ${key.name} is revoked; it opens nothing from now on.` },
    ]);
  });
}
