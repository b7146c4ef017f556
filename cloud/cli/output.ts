import { type Language, type Text, textIn } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Command } from 'commander';
import { StartProblem } from '../start-problem.ts';

/** Exit codes: 0 done, 1 used wrongly, 2 a problem was found, 3 something could not be reached. */
export const exitCodes = { ok: 0, usage: 1, problem: 2, unreachable: 3 } as const;

export interface Output {
  readonly language: Language;
  /** A document on stdout under `--json`, its sentences otherwise. */
  say(document: object, lines: readonly Text[]): void;
  /** That something has begun which takes a while; to the person only, beside the result. */
  note(sentence: Text): void;
  /** Why it did not work, with the next thing to do; sets the exit code. */
  fail(code: number, sentence: Text, document?: object): void;
}

/** `--lang`, or what the terminal is set to; Chinese first. */
function languageOf(option: string | undefined): Language {
  if (option === 'zh' || option === 'en') return option;
  const locale = process.env['LC_ALL'] ?? process.env['LC_MESSAGES'] ?? process.env['LANG'] ?? '';
  return locale.startsWith('en') ? 'en' : 'zh';
}

export function outputOf(command: Command): Output {
  const { json, lang } = command.optsWithGlobals<{ json?: boolean; lang?: string }>();
  return outputWith(json === true, lang);
}

/** The same where the command line could not be read. */
export function outputWith(json: boolean, lang: string | undefined): Output {
  const language = languageOf(lang);
  return {
    language,
    say: (document, lines) => {
      const text = json ? JSON.stringify(document) : lines.map((line) => textIn(line, language)).join('\n');
      process.stdout.write(`${text}\n`);
    },
    note: (sentence) => {
      if (!json) process.stderr.write(`${textIn(sentence, language)}\n`);
    },
    fail: (code, sentence, document = {}) => {
      process.exitCode = code;
      if (json) process.stdout.write(`${JSON.stringify({ ...document, error: sentence })}\n`);
      else process.stderr.write(`✗ ${textIn(sentence, language)}\n`);
    },
  };
}

const unreachable = new Set(['database', 'database-password', 'database-name', 'database-rights']);

/** Any error as a sentence and an exit code. */
export function failWith(output: Output, error: unknown): void {
  if (error instanceof StartProblem) {
    const code = unreachable.has(error.code) ? exitCodes.unreachable : exitCodes.problem;
    return output.fail(code, error.sentence, { code: error.code });
  }
  const said = error instanceof Error ? error.message : String(error);
  return output.fail(exitCodes.problem, {
    zh: `出错了：${said}。请按它改好后重试；细节在日志里（stderr）。`,
    en: `It failed: ${said}. Mend that and try again; the details are in the log (stderr).`,
  });
}
