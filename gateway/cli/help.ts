import { helpDescription, helpTitle } from '@yihu/device-profiles/vocabulary/command-line.ts';
import type { Command, Help } from 'commander';

/** For the program; its commands take it over when they are made. */
export function withHelp(program: Command, version: string): Command {
  return program
    .version(version, '-V, --version', '版本 / version')
    .helpOption('-h, --help', '帮助 / help')
    .helpCommand('help [command]', '帮助 / help')
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: helpTitle,
      optionDescription: helpDescription,
      argumentDescription: helpDescription,
    } satisfies Partial<Help>);
}

/** A command that only holds others: its own help command is not taken over by itself. */
export function withHelpCommand(group: Command): void {
  group.helpCommand('help [command]', '帮助 / help');
}
