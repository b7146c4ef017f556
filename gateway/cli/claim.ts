import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { systemClock } from '../clock.ts';
import { loadSite } from '../site.ts';
import type { ClaimErrorCode } from '../uplink/claim.ts';
import { defaultSite, failWithProblems } from './check.ts';
import { exit, outputFor, withNext } from './output.ts';

/** What was typed, and what could not be reached; everything else is a problem found. */
const exits: Partial<Record<ClaimErrorCode, number>> = { address: exit.usage, unreachable: exit.unreachable };

export function addClaim(program: Command): void {
  program
    .command('claim')
    .argument('<url>', '云端地址 / address of the cloud')
    .argument('<code>', '认领码，15 分钟内有效 / claim code, good for 15 minutes')
    .option('--site <site.yaml>', '现场文件 / site file', defaultSite)
    .description('用认领码把网关登记到云端 / register this gateway with a cloud by its claim code')
    .action(async (url: string, code: string, options: { site: string; json?: boolean; lang?: string }) => {
      const output = outputFor(options);
      const loaded = await loadSite(resolve(options.site));
      if ('problems' in loaded) return failWithProblems(output, options.site, loaded.problems);
      const { data, gateway } = loaded.site;
      // Certificates take a while to load; only this command needs them.
      const { ClaimError, claim } = await import('../uplink/claim.ts');
      try {
        const identity = await claim({ url, code, gatewayId: gateway.id, folder: join(data, 'identity'), clock: systemClock });
        output.result({ schema: 'yihu.claim/1', gateway: identity.gateway, digits: identity.digits }, [
          output.say({
            zh: `✓ 网关 ${identity.gateway} 已登记，核对码 ${identity.digits}，应与云端显示的一致。下一步：yihu-gateway run ${options.site}（已在运行的会自动开始上送）`,
            en: `✓ Gateway ${identity.gateway} is registered; its digits ${identity.digits} must match those the cloud shows. Next: yihu-gateway run ${options.site} (if it is running already, it begins to send by itself)`,
          }),
        ]);
      } catch (error) {
        if (!(error instanceof ClaimError)) throw error;
        const speech = { zh: error.sentence.zh, en: error.sentence.en ?? error.sentence.zh };
        const next = `yihu-gateway claim ${error.code === 'address' ? 'https://…' : url} <code>`;
        output.fail(exits[error.code] ?? exit.problem, withNext(speech, next), { reason: error.code });
      }
    });
}
