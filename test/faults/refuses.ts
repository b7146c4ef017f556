import { expect } from 'vitest';
import type { Ended, Programs } from '../stories/programs.ts';

/** What a person reads of a command: both outputs, without the lines of the log. */
export function spoken({ stdout, stderr }: Ended): string {
  return `${stdout}${stderr}`
    .split('\n')
    .filter((line) => !line.startsWith('{"level"'))
    .join('\n');
}

export type Refuses = (
  args: readonly string[],
  code: number,
  zh: RegExp,
  en: RegExp,
  /** `inTurn`: one language after the other, for commands that share what there is only one of. */
  how?: { readonly inTurn?: boolean },
) => Promise<{ zh: string; en: string }>;

/** The command ends by itself with this code and says this in Chinese, and under `--lang en` that in English and nothing else. */
export function refuser(programs: () => Programs): Refuses {
  return async (args, code, zh, en, how = {}) => {
    const chinese = programs().run(args);
    if (how.inTurn === true) await chinese;
    const english = programs().run([...args, '--lang', 'en']);
    const ended = await Promise.all([chinese, english]);
    const said = { zh: spoken(ended[0]), en: spoken(ended[1]) };
    expect({ codes: ended.map((each) => each.code), said }).toMatchObject({ codes: [code, code] });
    expect(said.zh.replaceAll('\n', ' ')).toMatch(zh);
    expect(said.en.replaceAll('\n', ' ')).toMatch(en);
    expect(said.en).not.toMatch(/\p{Script=Han}/u);
    return said;
  };
}
