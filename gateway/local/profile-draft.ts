import { categoryNames } from '@yihu/device-profiles/library/catalogue.ts';
import { idWord, latin } from '@yihu/device-profiles/library/latin.ts';
import type { ProfileProblem } from '@yihu/device-profiles/library/load.ts';
import type { LocalNewProfile, LocalProfileProblem, LocalValueName } from '@yihu/device-profiles/vocabulary/local-profile.ts';
import { quantityFacts } from '@yihu/device-profiles/vocabulary/quantities.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Target } from '../collect/modbus/read.ts';
import { type NewPoint, profileText } from '../commission/new-profile.ts';
import { readAs } from '../commission/recognise.ts';

/** What an installer has said, as the file it becomes. */
export interface Draft {
  /** Empty where no id can be made of maker and model. */
  readonly id: string;
  readonly text: string;
  /** In the order of the values. */
  readonly points: readonly NewPoint[];
  readonly problems: readonly LocalProfileProblem[];
}

/** A profile of values that were recognised in registers. `day`: on which, `2026-11-28`. Pure. */
export function draftOf(asked: LocalNewProfile, target: Target, day: string): Draft {
  const { category, unit, values } = asked;
  const [maker, model] = [idWord(asked.maker, '-'), idWord(asked.model, '-')];
  const id = maker === '' || model === '' ? '' : `${maker}.${model}`;
  const points = values.map(pointOf);
  const problems = [...(maker === '' ? [unspelt('maker')] : []), ...(model === '' ? [unspelt('model')] : [])];
  const text = profileText({
    id,
    names: namesOf(asked),
    category,
    unit,
    ...serialOf(target),
    table: values[0]?.table ?? 'holding',
    reads: values.map(({ table, match: { at, words } }, i) => ({
      table,
      block: { start: at, words },
      points: points.slice(i, i + 1),
    })),
    day,
  });
  return { id, text, points, problems: [...problems, ...values.flatMap((value, i) => problemsOf(value, i, points))] };
}

function unspelt(field: 'maker' | 'model'): LocalProfileProblem {
  return { field, zh: '要有字母、数字或汉字，编号由它而来。', en: 'Needs letters or digits; the id is made of it.' };
}

function serialOf(target: Target) {
  if (target.driver === 'modbus') return {};
  const { baud = 9_600, parity = 'none', stopBits = 1 } = target.port;
  return { serial: { baud, parity, stopBits } };
}

function namesOf({ maker, model, category }: LocalNewProfile) {
  const kind = category === 'other' ? { zh: '设备', en: 'device' } : categoryNames[category];
  const [makerEn, modelEn] = [latin(maker), latin(model)];
  return {
    name: { zh: `${maker} ${model} ${kind.zh}`, en: `${makerEn} ${modelEn} ${kind.en.toLowerCase()}` },
    maker: { zh: maker, en: makerEn === '' ? maker : makerEn },
    model,
  };
}

function pointOf({ name, unit, shown, match }: LocalNewProfile['values'][number], i: number): NewPoint {
  const { at, type, order, scale } = match;
  const facts = 'quantity' in name ? quantityFacts(name.quantity) : null;
  return {
    id: 'quantity' in name ? name.quantity : idWord(name.en || name.zh, '_').slice(0, 48) || `value_${i + 1}`,
    name: nameOf(name),
    isCounter: facts?.counter === true,
    at,
    type,
    order,
    scale,
    unit,
    shown: readAs(shown, match) ?? Number(shown),
  };
}

function nameOf(name: LocalValueName): Text {
  if ('quantity' in name) {
    const { zh, en } = quantityFacts(name.quantity);
    return { zh, en };
  }
  // A name such as PM2.5 is the same in both languages.
  if (!/\p{Script=Han}/u.test(name.zh)) return { zh: name.zh, en: name.zh };
  return { zh: name.zh, en: name.en || latin(name.zh) };
}

function problemsOf(
  { shown, match }: LocalNewProfile['values'][number],
  i: number,
  points: readonly NewPoint[],
): LocalProfileProblem[] {
  const field = `values.${i}`;
  const twin = points.findIndex(({ id }) => id === points[i]?.id);
  const problems: LocalProfileProblem[] = [];
  if (twin < i)
    problems.push({
      field,
      zh: `与第 ${twin + 1} 个值同名，请加以区分。`,
      en: `Has the name of value ${twin + 1}; tell them apart.`,
    });
  if (readAs(shown, match) === undefined)
    problems.push({
      field,
      zh: `这些寄存器这样读不是 ${shown}，请再认一次。`,
      en: `These registers, read in this way, are not ${shown}; find it again.`,
    });
  return problems;
}

/** What the validator has found, at the field of the page that it came from. */
export function fieldOf({ path, zh, en }: ProfileProblem, points: readonly NewPoint[]): LocalProfileProblem {
  const [first = '', second = ''] = path.split('.');
  if (first === 'id' || first === 'model') return { field: 'model', zh, en };
  if (first === 'maker' || first === 'name') return { field: 'maker', zh, en };
  const point = first === 'points' ? second : (/^vectors\[\d+\]\.expect\.(.+)$/.exec(path)?.[1] ?? '');
  const index = points.findIndex(({ id }) => id === point);
  return { field: index < 0 ? path : `values.${index}`, zh, en };
}
