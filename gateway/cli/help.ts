import type { Argument, Command, Help, Option } from 'commander';

/** What commander says by itself, in both languages like everything else a help page says. */
const titles: Readonly<Record<string, string>> = {
  'Usage:': '用法 / Usage:',
  'Arguments:': '参数 / Arguments:',
  'Options:': '选项 / Options:',
  'Global Options:': '通用选项 / Global Options:',
  'Commands:': '命令 / Commands:',
};

/** For the program; its commands take it over when they are made. */
export function withHelp(program: Command, version: string): Command {
  return program
    .version(version, '-V, --version', '版本 / version')
    .helpOption('-h, --help', '帮助 / help')
    .helpCommand('help [command]', '帮助 / help')
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (title) => titles[title] ?? title,
      optionDescription: describe,
      argumentDescription: describe,
    } satisfies Partial<Help>);
}

/** A command that only holds others: its own help command is not taken over by itself. */
export function withHelpCommand(group: Command): void {
  group.helpCommand('help [command]', '帮助 / help');
}

function describe(option: Option | Argument): string {
  const extra: string[] = [];
  if (option.argChoices) extra.push(`可以是 / one of: ${option.argChoices.join(' ')}`);
  const usual = usualOf(option);
  if (usual !== '') extra.push(`默认 / default: ${usual}`);
  return extra.length === 0 ? option.description : `${option.description} (${extra.join('; ')})`;
}

/** A default as one would type it; nothing where the default is that nothing was given. */
function usualOf({ defaultValue: value, defaultValueDescription: said }: Option | Argument): string {
  if (said !== undefined) return said;
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  return '';
}
