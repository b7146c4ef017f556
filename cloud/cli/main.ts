import { helpDescription, helpTitle, languageAsked, slipSpeech } from '@yihu/device-profiles/vocabulary/command-line.ts';
import { Command, CommanderError, Option } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { addApiKeys } from './api-keys.ts';
import { addArea } from './areas.ts';
import { addChannels } from './channels.ts';
import { addGateway } from './gateways.ts';
import { exitCodes, outputWith } from './output.ts';
import { addUser } from './people.ts';
import { addRegistry } from './registry.ts';
import { addRun } from './run.ts';
import { addSeed } from './seed.ts';
import { addVerify } from './verify.ts';

/** `yihu-cloud …`. Exit codes: 0 ok, 1 usage, 2 problem found, 3 cannot reach. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('yihu-cloud')
    .description('一呼云：告警、事件、派单、动员 / Yihu cloud: alarms, incidents, dispatch, mobilisation')
    .version(packageJson.version, '-V, --version', '版本 / version')
    .helpOption('-h, --help', help)
    .helpCommand('help [command]', help)
    .configureHelp({ styleTitle: helpTitle, optionDescription: helpDescription, argumentDescription: helpDescription })
    .showSuggestionAfterError()
    // What is wrong is said by us, in the reader's language.
    .configureOutput({ outputError: () => undefined })
    .exitOverride();
  for (const add of [addRun, addArea, addUser, addGateway, addChannels, addRegistry, addSeed, addApiKeys, addVerify])
    add(program);
  program.commands.forEach(withCommonOptions);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (error.exitCode === 0 || error.code === 'commander.help') return;
    outputWith(argv.includes('--json'), languageAsked(argv)).fail(exitCodes.usage, slipSpeech(error, argv, program));
  }
}

const help = '帮助 / help';

function withCommonOptions(command: Command): void {
  command.exitOverride();
  if (command.commands.length > 0) {
    command.helpCommand('help [command]', help);
    return command.commands.forEach(withCommonOptions);
  }
  command
    .option('--json', '一份 JSON 文档 / one JSON document')
    .addOption(new Option('--lang <language>', '语言 / language').choices(['zh', 'en']));
}
