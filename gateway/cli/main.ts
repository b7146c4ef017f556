import { languageAsked, slipSpeech } from '@yihu/device-profiles/vocabulary/command-line.ts';
import { Command, CommanderError, Option } from 'commander';
import { addApply } from './apply.ts';
import { addAlarm } from './alarm.ts';
import { addCheck } from './check.ts';
import { addClaim } from './claim.ts';
import { addConfig } from './config.ts';
import { addDecode } from './decode.ts';
import { addExport } from './export.ts';
import { addInit } from './init.ts';
import { addLogin } from './login.ts';
import { addDoctor } from './doctor.ts';
import { withHelp, withHelpCommand } from './help.ts';
import { exit, outputFor } from './output.ts';
import { addPair } from './pair.ts';
import { addPairZigbee } from './pair-zigbee.ts';
import { addProbe } from './probe.ts';
import { addProfile } from './profile.ts';
import { addRead } from './read.ts';
import { addRun } from './run.ts';
import { addScan } from './scan.ts';
import { addSecret } from './secret.ts';
import { addSimulate } from './simulate.ts';
import { addStatus } from './status.ts';
import { addWriteRaw } from './write-raw.ts';
import { addWrite } from './write.ts';
import { version } from '../version.ts';

/** In the order of the help: running, finding devices, describing them, the rest. */
const commands = [
  addInit,
  addRun,
  addCheck,
  addConfig,
  addApply,
  addStatus,
  addDoctor,
  addWrite,
  addWriteRaw,
  addAlarm,
  addScan,
  addPair,
  addPairZigbee,
  addProbe,
  addRead,
  addDecode,
  addProfile,
  addSimulate,
  addClaim,
  addLogin,
  addSecret,
  addExport,
];

/** `yihu-gateway …`. Exit codes: 0 ok, 1 usage, 2 problem found, 3 cannot reach. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('yihu-gateway')
    .description('一呼网关：采集、判警、保存、上送 / Yihu gateway: collect, raise alarms, keep, forward')
    .showSuggestionAfterError()
    // What is wrong is said by us, in the reader's language.
    .configureOutput({ outputError: () => undefined })
    .exitOverride();
  withHelp(program, version);
  for (const add of commands) add(program);
  program.commands.forEach(withCommonOptions);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? exit.ok : exit.usage;
    if (error.exitCode !== 0 && error.code !== 'commander.help')
      outputOf(argv).fail(exit.usage, slipSpeech(error, argv, program));
  }
}

function withCommonOptions(command: Command): void {
  command.exitOverride();
  if (command.commands.length > 0) {
    withHelpCommand(command);
    return command.commands.forEach(withCommonOptions);
  }
  command
    .option('--json', '一份 JSON 文档 / one JSON document')
    .addOption(new Option('--lang <language>', '语言 / language').choices(['zh', 'en']));
}

/** The options that say how to speak, from a command line that could not be read. */
function outputOf(argv: readonly string[]) {
  const lang = languageAsked(argv);
  return outputFor({ json: argv.includes('--json'), ...(lang === undefined ? {} : { lang }) });
}
