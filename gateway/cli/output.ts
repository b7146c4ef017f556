import stringWidth from 'string-width';
import type { Language } from '@yihu/device-profiles/vocabulary/text.ts';

/** Exit codes, the same for every command. */
export const exit = { ok: 0, usage: 1, problem: 2, unreachable: 3 } as const;

export interface Speech {
  readonly zh: string;
  readonly en: string;
}

/** How a command speaks: one JSON document, or sentences in the reader's language. */
export interface Output {
  readonly json: boolean;
  readonly language: Language;
  /** The result: a JSON document under `--json`, the lines otherwise. */
  readonly result: (document: Readonly<Record<string, unknown>>, lines: readonly string[]) => void;
  /** Why it did not work, and what to do next; sets the exit code. A document that names no schema of its own is `yihu.error/1`. */
  readonly fail: (code: number, speech: Speech, document?: Readonly<Record<string, unknown>>) => void;
  readonly say: (speech: Speech) => string;
}

/** `--lang`, or what the terminal is set to; Chinese first. */
export function languageOf(option: string | undefined): Language {
  if (option === 'zh' || option === 'en') return option;
  const locale = process.env['LC_ALL'] ?? process.env['LC_MESSAGES'] ?? process.env['LANG'] ?? '';
  return locale.startsWith('en') ? 'en' : 'zh';
}

export function outputFor(options: { json?: boolean; lang?: string }): Output {
  const language = languageOf(options.lang);
  const json = options.json === true;
  const say = (speech: Speech) => speech[language];
  return {
    json,
    language,
    say,
    result(document, lines) {
      if (json) process.stdout.write(`${JSON.stringify(document)}\n`);
      else if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
    },
    fail(code, speech, document) {
      process.exitCode = code;
      if (json) {
        const whole = { schema: 'yihu.error/1', ...document, error: { zh: speech.zh, en: speech.en } };
        process.stdout.write(`${JSON.stringify(whole)}\n`);
      }
      if (!json) process.stderr.write(`✗ ${say(speech)}\n`);
    },
  };
}

/** A failure ends with the next command to run. */
export function withNext({ zh, en }: Speech, command: string): Speech {
  return { zh: `${zh}下一步：${command}`, en: `${en} Next: ${command}` };
}

/** Columns that line up in a terminal, Chinese characters counted as two. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, stringWidth(cell))));
  return rows.map((row) =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : cell + ' '.repeat((widths[i] ?? 0) - stringWidth(cell))))
      .join('  ')
      .trimEnd(),
  );
}
