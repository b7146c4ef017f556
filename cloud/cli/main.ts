import { Command, CommanderError } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { addApiKeys } from './api-keys.ts';
import { addChannels } from './channels.ts';
import { addGateway } from './gateways.ts';
import { exitCodes } from './output.ts';
import { addUser } from './people.ts';
import { addRegistry } from './registry.ts';
import { addRun } from './run.ts';
import { addSeed } from './seed.ts';
import { addVerify } from './verify.ts';

/** `yihu-cloud …`. Exit codes: 0 ok, 1 usage, 2 problem found, 3 cannot reach. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('yihu-cloud')
    .description('一呼云：告警、事件、派单、动员 / Yihu cloud: alarms, incidents, dispatch, mobilisation')
    .version(packageJson.version)
    .showSuggestionAfterError()
    .exitOverride();
  for (const add of [addRun, addVerify, addUser, addApiKeys, addGateway, addChannels, addRegistry, addSeed]) add(program);
  program.commands.forEach(withCommonOptions);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  }
}

function withCommonOptions(command: Command): void {
  command.exitOverride();
  if (command.commands.length > 0) return command.commands.forEach(withCommonOptions);
  command.option('--json', '一份 JSON 文档 / one JSON document').option('--lang <zh|en>', '语言 / language');
}
