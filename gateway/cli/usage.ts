import type { CommanderError } from 'commander';
import type { Speech } from './output.ts';

/** A slip on the command line, in the reader's language: what is wrong, what was probably meant, where to look. */
export function usageSpeech({ code, message }: CommanderError, command: string): Speech {
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
export function unfinished(command: string, inner: readonly string[]): Speech {
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
