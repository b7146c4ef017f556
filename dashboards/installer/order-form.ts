import type { LocalCommand } from '@yihu/device-profiles/vocabulary/local-order.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { readField } from './changing.ts';

export type Args = Record<string, string | number | boolean>;

/** The arguments of a command as its form has them, each of the type that its profile asks for. */
export function argsIn({ args }: LocalCommand, form: FormData): Args {
  return Object.fromEntries(
    args.map(({ id, type }) => {
      const text = readField(form, `arg.${id}`);
      if (type === 'number') return [id, Number(text)];
      return [id, type === 'boolean' ? text === 'true' : text];
    }),
  );
}

/** 档位 高速 */
export function argsText({ args }: LocalCommand, given: Args, text: (text: Text) => string): string {
  const words = args.map(({ id, name, symbol, choices }) => {
    const value = String(given[id] ?? '');
    const named = choices?.find((choice) => choice.value === value)?.name;
    return `${text(name)} ${named === undefined ? value : text(named)}${symbol === '' ? '' : ` ${symbol}`}`;
  });
  return words.length === 0 ? '' : `${words.join('，')}。`;
}
