import type { CallKind } from '@yihu/device-profiles/vocabulary/call.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';

/** 话术: what people read. Every text that leaves goes through `marked`, so that no drill can be taken for the real thing. */
const marks: Record<CallKind, string> = { actual: '', drill: '【演练】', test: '【测试】' };

/** The text with the mark of its kind in front, once. */
export function marked(kind: CallKind, text: string): string {
  const mark = marks[kind];
  return text.startsWith(mark) ? text : `${mark}${text}`;
}

const braces = /\{([^{}]*)\}/g;
const nameShape = /^[\p{L}\p{N}_-]{1,20}$/u;

/** The placeholders of a text, each once, in their order. */
export function placeholdersOf(text: string): string[] {
  return [...new Set([...text.matchAll(braces)].map(([, name = '']) => name))];
}

/** What is wrong with a template's text, or null: a brace without its fellow, a name that is none. */
export function templateProblem(text: string): Text | null {
  const bad = placeholdersOf(text).find((name) => !nameShape.test(name));
  if (bad !== undefined) {
    return { zh: `占位符 {${bad}} 的写法不对，例：{集合点}`, en: `{${bad}} is no placeholder; one looks like {集合点}` };
  }
  if (/[{}]/.test(text.replaceAll(braces, ''))) {
    return { zh: '花括号不成对', en: 'A brace stands without its fellow' };
  }
  return null;
}

/** The text with every placeholder filled; the names of those without a value otherwise. What is filled in is not looked at again. */
export function filled(
  text: string,
  values: Readonly<Record<string, string>>,
): { readonly text: string } | { readonly missing: readonly string[] } {
  const missing = placeholdersOf(text).filter((name) => !Object.hasOwn(values, name) || values[name]?.trim() === '');
  if (missing.length > 0) return { missing };
  return { text: text.replaceAll(braces, (_whole, name: string) => values[name]?.trim() ?? '') };
}

export interface Said {
  readonly title: string;
  readonly text: string;
}

interface Spoken {
  readonly kind: CallKind;
  readonly number: string;
  readonly title: string;
  readonly text: string;
}

const replyHint = '回复数字：1 我平安，2 需要帮助，3 不在家，4 全家平安，5 平安能帮忙，9 不是本人；或点开链接应答。';

/** 呼叫 */
export function callText({ kind, title, text }: Spoken): Said {
  return { title: marked(kind, title), text: marked(kind, `${text} ${replyHint}`) };
}

/** 再次提醒: to whoever was silent, by the next way. */
export function againText({ kind, title, text }: Spoken): Said {
  return { title: marked(kind, `请应答：${title}`), text: marked(kind, `还没有收到您的应答。${text} ${replyHint}`) };
}

/** 更正: to those who got what is no longer true. */
export function correctionText({ kind, number, title }: Spoken, reason: string): Said {
  return {
    title: marked(kind, `更正：${title}`),
    text: marked(kind, `刚才的通知“${title}”（${number}）发错或已作废，请不要照做，也不用回复。原因：${reason}`),
  };
}

/** 作废: to those who are not in the call that took its place. */
export function supersededText({ kind, number, title }: Spoken): Said {
  return {
    title: marked(kind, `作废：${title}`),
    text: marked(kind, `先前的通知“${title}”（${number}）已由新的通知代替，新的通知与您无关，请不要再照先前的做。`),
  };
}

/** 解除 */
export function standDownText({ kind, number, title }: Spoken): Said {
  return {
    title: marked(kind, `解除：${title}`),
    text: marked(kind, `“${title}”（${number}）已经解除，可以恢复正常。感谢您的配合。`),
  };
}

/** 请楼栋长、党员中心户代为联系: flats and no names; those who need somebody most stand first, which nobody can see from it. */
export function headText({ kind, title }: Spoken, flats: readonly string[]): Said {
  const shown = flats.slice(0, 30).join('、');
  const more = flats.length > 30 ? ` 等 ${flats.length} 户` : '';
  return {
    title: marked(kind, `请帮忙联系：${title}`),
    text: marked(kind, `“${title}”：这些住户还没有应答：${shown}${more}。请敲门或打电话问一声平安，再报给网格员。`),
  };
}

/** 上门核实: to the grid worker. */
export function doorText({ kind, title }: Spoken, homes: readonly string[]): Said {
  const shown = homes.slice(0, 20).join('、');
  const more = homes.length > 20 ? ` 等 ${homes.length} 户` : '';
  return {
    title: marked(kind, `上门核实：${title}`),
    text: marked(kind, `“${title}”：请上门核实：${shown}${more}。`),
  };
}

/** 有人求助: to the dispatchers, at once. */
export function needText({ kind, title }: Spoken, place: string, people: number, note: string | null): Said {
  const many = people > 1 ? `${people} 人` : '有人';
  return {
    title: marked(kind, `求助：${place}`),
    text: marked(kind, `${place} ${many}需要帮助${note === null ? '' : `：${note}`}（“${title}”）。请立即处置。`),
  };
}
