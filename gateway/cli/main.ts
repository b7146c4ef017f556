import { Command, CommanderError, Option } from 'commander';
import { addCheck } from './check.ts';
import { addClaim } from './claim.ts';
import { addDecode } from './decode.ts';
import { exit } from './output.ts';
import { addProfile } from './profile.ts';
import { addRead } from './read.ts';
import { addRun } from './run.ts';
import { addSecret } from './secret.ts';
import { addSimulate } from './simulate.ts';
import { addStatus } from './status.ts';
import { version } from '../version.ts';

/** `yihu-gateway …`. Exit codes: 0 ok, 1 usage, 2 problem found, 3 cannot reach. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('yihu-gateway')
    .description('一呼网关：采集、判警、保存、上送 / Yihu gateway: collect, raise alarms, keep, forward')
    .version(version)
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  for (const add of [addRun, addCheck, addStatus, addProfile, addDecode, addRead, addSimulate, addClaim, addSecret]) add(program);
  program.commands.forEach(withCommonOptions);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? exit.ok : exit.usage;
  }
}

function withCommonOptions(command: Command): void {
  command.exitOverride();
  if (command.commands.length > 0) return command.commands.forEach(withCommonOptions);
  command
    .option('--json', '一份 JSON 文档 / one JSON document')
    .addOption(new Option('--lang <language>', '语言 / language').choices(['zh', 'en']));
}
