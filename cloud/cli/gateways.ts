import { randomBytes } from 'node:crypto';
import { AreaPath } from '@yihu/device-profiles/vocabulary/place.ts';
import { Id } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Command } from 'commander';
import { systemClock } from '../clock.ts';
import type { DataFolder } from '../data-folder.ts';
import { auditRecords } from '../records/audit.ts';
import { claimRecords } from '../records/claims.ts';
import type { Database } from '../records/database.ts';
import { putGateway } from '../records/registry.ts';
import { makeClaimCode, showClaimCode } from '../registry/claim-code.ts';
import { addGatewaySite } from './gateway-site.ts';
import { withDatabase } from './database.ts';
import { isThere, sayNoArea } from './area-there.ts';
import { exitCodes, failWith, outputOf, type Output } from './output.ts';
import { settingsOf, withSettings } from './settings.ts';

export function addGateway(program: Command): void {
  const gateway = program.command('gateway').alias('gateways').description('网关 / gateways');
  withSettings(gateway.command('add').argument('<id>'))
    .description('登记网关并给出认领码（15 分钟内有效） / registers a gateway and gives its claim code, good for 15 minutes')
    .requiredOption('--area <path>', '所在区域，如 xingfu/xfl / its area, such as xingfu/xfl')
    .option('--name <name>', '名称 / name')
    .action((id: string, options: { area: string; name?: string }, command: Command) => add(id, options, command));
  addGatewaySite(gateway);
}

async function add(id: string, { area, name }: { area: string; name?: string }, command: Command): Promise<void> {
  const output = outputOf(command);
  if (!Id.safeParse(id).success) {
    const zh = `${id} 不能作编号：用 1–64 个小写字母、数字、. _ -，以字母或数字开头。`;
    const en = `${id} cannot be an id: 1–64 of a-z 0-9 . _ -, beginning with a letter or digit.`;
    return output.fail(exitCodes.usage, { zh, en });
  }
  if (!AreaPath.safeParse(area).success) {
    return output.fail(exitCodes.usage, {
      zh: `${area} 不是区域路径，如 xingfu/xfl`,
      en: `${area} is not an area path such as xingfu/xfl`,
    });
  }
  const settings = settingsOf(command, output);
  if (settings === null) return;
  try {
    await withDatabase(settings, async (database, data) => {
      // Of an area that is not there nobody has the watch: what its gateway raises would reach no desk.
      if (!(await isThere(database, area))) return sayNoArea(output, area);
      await putGateway(database.db, { id, area, name: { zh: name ?? id } });
      sayOffer(output, id, await offer(database, data, id));
    });
  } catch (error) {
    failWith(output, error);
  }
}

async function offer(database: Database, data: DataFolder, gateway: string): Promise<{ code: string; expiresAt: number }> {
  const now = systemClock.now();
  const { code, record } = makeClaimCode(data.secret, now, randomBytes);
  await claimRecords(database.db).putClaim({ ...record, gateway, createdBy: 'cli', createdAt: now });
  const who = { actor: null, account: null, role: null, area: null, ip: 'cli' };
  await auditRecords(database.db).append({ at: now, ...who, action: 'gateway add', object: gateway, result: 'ok', detail: {} });
  return { code: showClaimCode(code), expiresAt: record.expiresAt };
}

function sayOffer(output: Output, gateway: string, { code, expiresAt }: { code: string; expiresAt: number }): void {
  output.say({ schema: 'yihu.claim/1', gateway, code, expiresAt }, [
    {
      zh: `✓ 网关 ${gateway} 的认领码：${code}（15 分钟内有效，只能用一次）`,
      en: `✓ Claim code of gateway ${gateway}: ${code} (good for 15 minutes, once)`,
    },
    {
      zh: `  下一步，在网关上：yihu-gateway claim <云端网址> ${code}`,
      en: `  Next, on the gateway: yihu-gateway claim <address of the cloud> ${code}`,
    },
  ]);
}
