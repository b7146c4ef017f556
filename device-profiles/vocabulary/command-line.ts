/** What the two command lines, of the gateway and of the cloud, say in the same words about themselves. */

interface Speech {
  readonly zh: string;
  readonly en: string;
}

const titles: Readonly<Record<string, string>> = {
  'Usage:': '用法 / Usage:',
  'Arguments:': '参数 / Arguments:',
  'Options:': '选项 / Options:',
  'Global Options:': '通用选项 / Global Options:',
  'Commands:': '命令 / Commands:',
};

/** A heading of a help page, in both languages like everything else it says. */
export function helpTitle(title: string): string {
  return titles[title] ?? title;
}

/** An option or argument as commander knows it. */
export interface Described {
  readonly description: string;
  readonly argChoices?: readonly string[] | undefined;
  readonly defaultValue?: unknown;
  readonly defaultValueDescription?: string | undefined;
}

/** What it is, what it may be, and its default as one would type it; nothing where the default is that nothing was given. */
export function helpDescription({ description, argChoices, defaultValue, defaultValueDescription }: Described): string {
  const extra: string[] = [];
  if (argChoices) extra.push(`可以是 / one of: ${argChoices.join(' ')}`);
  const typed = typeof defaultValue === 'string' || typeof defaultValue === 'number' ? String(defaultValue) : '';
  const usual = defaultValueDescription ?? typed;
  if (usual !== '') extra.push(`默认 / default: ${usual}`);
  return extra.length === 0 ? description : `${description} (${extra.join('; ')})`;
}

/** A command as commander knows it. */
export interface NamedCommand {
  readonly commands: readonly NamedCommand[];
  readonly name: () => string;
  readonly aliases: () => readonly string[];
}

interface Slip {
  readonly code: string;
  readonly message: string;
}

/** A slip on the command line, in the reader's language: what is wrong, what was probably meant, where to look. */
export function slipSpeech(error: Slip, argv: readonly string[], program: NamedCommand): Speech {
  const { command, words } = commandIn(argv, program);
  const isCut = command.commands.length > 0 && words.length > 1 && argv[words.length + 1]?.startsWith('-') !== false;
  if (isCut && error.code === 'commander.unknownOption')
    return unfinished(
      words.join(' '),
      command.commands.map((each) => each.name()),
    );
  return usageSpeech(error, words.join(' '));
}

/** As much of the command line as names a command: where its usage is told. */
function commandIn(argv: readonly string[], program: NamedCommand): { command: NamedCommand; words: string[] } {
  const words = [program.name()];
  let command = program;
  for (const word of argv.slice(2)) {
    const inner = command.commands.find((each) => each.name() === word || each.aliases().includes(word));
    if (inner === undefined) break;
    command = inner;
    words.push(word);
  }
  return { command, words };
}

/** The language that a command line asks for which could not be read; undefined where it names none. */
export function languageAsked(argv: readonly string[]): string | undefined {
  const at = argv.indexOf('--lang');
  return argv.find((word) => word.startsWith('--lang='))?.slice('--lang='.length) ?? (at < 0 ? undefined : argv[at + 1]);
}

function usageSpeech({ code, message }: Slip, command: string): Speech {
  const said = message.replace(/^error: /, '').trim();
  const named = /'([^']*)'/.exec(said)?.[1] ?? '';
  const meant = /\(Did you mean (?:one of )?(.*)\?\)/s.exec(said)?.[1]?.trim();
  const help = `${command} --help`;
  return {
    zh: `${chineseOf(code, named, said)}。${meant === undefined ? '' : `想写 ${meant}？`}用法：${help}`,
    en: `${englishOf(said)}.${meant === undefined ? '' : ` Did you mean ${meant}?`} Usage: ${help}`,
  };
}

/** A word that only holds other commands, with options and without one of them. */
function unfinished(command: string, inner: readonly string[]): Speech {
  return {
    zh: `${command} 后面要写明做什么：${inner.join('、')}。用法：${command} --help`,
    en: `Say what ${command} is to do: ${inner.join(', ')}. Usage: ${command} --help`,
  };
}

function chineseOf(code: string, named: string, said: string): string {
  switch (code) {
    case 'commander.unknownCommand':
      return `没有命令 ${named}`;
    case 'commander.unknownOption':
      return `没有选项 ${named}`;
    case 'commander.optionMissingArgument':
      return `选项 ${named} 后面缺少值`;
    case 'commander.missingMandatoryOptionValue':
      return `缺少选项 ${named}`;
    case 'commander.missingArgument':
      return `缺少参数 <${named}>`;
    case 'commander.excessArguments':
      return '参数太多';
    case 'commander.invalidArgument':
      return `${invalidOf(said, named)[0]} 的值不对：${detailOf(said, 0)}`;
    default:
      return said;
  }
}

function englishOf(said: string): string {
  const plain = said.replace(/\s*\(Did you mean .*\?\)/s, '').replace(/\.$/, '');
  return invalid.test(plain) ? `${invalidOf(said, '')[1]} is invalid: ${detailOf(said, 1)}` : plain;
}

const invalid = / is invalid(?: for argument '([^']*)')?\. /;

/** What has the wrong value, in both languages: an option by its name, an argument by its name and what was given. */
function invalidOf(said: string, option: string): [zh: string, en: string] {
  const [, argument] = invalid.exec(said) ?? [];
  const given = /'(.*?)' is invalid/.exec(said)?.[1] ?? '';
  if (argument !== undefined) return [`参数 <${argument}>“${given}”`, `argument <${argument}> '${given}'`];
  return [option, said.split(invalid)[0] ?? ''];
}

/** Our own parsers say it in both languages, `中文 / English`; commander lists the choices. */
function detailOf(said: string, language: 0 | 1): string {
  const detail = said.split(invalid).at(-1) ?? said;
  const choices = /^Allowed choices are (.*?)\.?$/.exec(detail)?.[1];
  if (choices !== undefined) return language === 0 ? `可以是 ${choices}` : `it may be ${choices}`;
  const [zh = detail, en = detail] = detail.split(' / ');
  return language === 0 ? zh : en;
}
