import { decodeWords } from '../decode/value.ts';
import type { DecodeOptions } from './decode.ts';
import { type Output, exit } from './output.ts';

/** One value out of registers. */
export function decodeValue(options: DecodeOptions, output: Output): void {
  const { type, words, order, encoding, scale, offset, round } = options;
  if (!type || !words) {
    return output.fail(exit.usage, {
      zh: '报文用 --hex 或 --text，一个值用 --type 和 --words，档案的一帧用 --profile。例：yihu-gateway decode --type f32 --order CDAB --words 3334,4366',
      en: 'A frame is given with --hex or --text, one value with --type and --words, a frame of a profile with --profile. Example: yihu-gateway decode --type f32 --order CDAB --words 3334,4366',
    });
  }
  const given = { order, encoding, scale, offset, round };
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const decoded = decodeWords({ type, words, ...set });
  if ('refused' in decoded) {
    const { code, zh, en } = decoded.refused;
    return output.fail(exit.problem, { zh, en }, { schema: 'yihu.decode/1', reason: code });
  }
  const { exact } = decoded;
  const notes = [
    ...(exact === undefined ? [] : [{ zh: `精确值 ${String(exact)}`, en: `exactly ${String(exact)}` }]),
    ...(order === 'CDAB' && words.length === 1 ? [noOrder] : []),
  ];
  output.result({ schema: 'yihu.decode/1', type, ...(words.length > 1 ? { order: order ?? 'ABCD' } : {}), ...decoded }, [
    String(decoded.value),
    ...notes.map((note) => `  ${output.say(note)}`),
  ]);
}

const noOrder = {
  zh: '单个寄存器没有字序，CDAB 与 ABCD 相同',
  en: 'one register has no order of words: CDAB is the same as ABCD',
};
