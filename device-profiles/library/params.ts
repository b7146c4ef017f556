import type { Profile } from '../vocabulary/profile.ts';
import { compileExpression, namesOf, parseExpression } from './expression.ts';
import type { Finding, ProblemPath } from './source.ts';

export type ParamValues = Readonly<Record<string, number>>;

/** Sections in which `=…` is a number calculated from the params. */
const sections = ['points', 'alarms'];

/**
 * The data of a profile with its params put in their places: `above: =high - 5` becomes a number, and each param's default
 * becomes the value it has here, for those who calculate later. What is wrong with the params themselves is the schema's matter.
 */
export function fillParams(
  data: unknown,
  given: ParamValues = {},
): { data: unknown; findings: Finding[]; used: ReadonlySet<string> } {
  if (typeof data !== 'object' || data === null) return { data, findings: [], used: new Set() };
  const whole = data as Record<string, unknown>;
  const values = valuesOf(whole['params'], given);
  const filling = new Filling(values);
  const filled: Record<string, unknown> = { ...whole };
  for (const section of sections) if (section in whole) filled[section] = filling.value(whole[section], [section]);
  if ('params' in whole) filled['params'] = withValues(whole['params'], values);
  return { data: filled, findings: filling.findings, used: filling.used };
}

function valuesOf(params: unknown, given: ParamValues): Map<string, number> {
  if (typeof params !== 'object' || params === null) return new Map();
  const entries = Object.entries(params).flatMap(([id, param]): [string, number][] => {
    const usual = (param as { default?: unknown } | null)?.default;
    const value = Object.hasOwn(given, id) ? given[id] : usual;
    return typeof value === 'number' ? [[id, value]] : [];
  });
  return new Map(entries);
}

function withValues(params: unknown, values: ReadonlyMap<string, number>): unknown {
  if (typeof params !== 'object' || params === null) return params;
  return Object.fromEntries(
    Object.entries(params).map(([id, param]) => {
      const value = values.get(id);
      return [id, value === undefined || typeof param !== 'object' ? param : { ...param, default: value }];
    }),
  );
}

class Filling {
  readonly findings: Finding[] = [];
  /** Params that a number was calculated from. */
  readonly used = new Set<string>();
  readonly #values: ReadonlyMap<string, number>;

  constructor(values: ReadonlyMap<string, number>) {
    this.#values = values;
  }

  value(value: unknown, path: ProblemPath): unknown {
    if (typeof value === 'string') return value.length > 1 && value.startsWith('=') ? this.#number(value.slice(1), path) : value;
    if (Array.isArray(value)) return value.map((item, index) => this.value(item, [...path, index]));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.value(inner, [...path, key])]));
  }

  #number(text: string, path: ProblemPath): unknown {
    const say = (zh: string, en: string): number => {
      this.findings.push({ path, zh, en });
      return 0;
    };
    const expression = parseExpression(text);
    if ('wrong' in expression) return say(expression.wrong.zh, expression.wrong.en);
    const names = namesOf(expression);
    for (const name of names) this.used.add(name);
    const unknown = [...names].find((name) => !this.#values.has(name));
    if (unknown !== undefined)
      return say(`没有安装参数 "${unknown}"（params）。`, `There is no installer parameter "${unknown}" (params).`);
    const result = compileExpression(expression)((name) => this.#values.get(name) ?? Number.NaN);
    if (result === undefined) return say('算不出数值（除以零？）。', 'This gives no number (a division by zero?).');
    return typeof result === 'number' ? Number(result.toPrecision(12)) : result;
  }
}

/** What a site gives against what the profile asks for. Paths are the params' ids. */
export function checkParams({ params }: Profile, given: ParamValues): Finding[] {
  const findings: Finding[] = [];
  for (const [id, value] of Object.entries(given)) {
    const param = Object.hasOwn(params, id) ? params[id] : undefined;
    const known = Object.keys(params);
    if (param === undefined) {
      const [zh, en] =
        known.length > 0 ? [`有：${known.join('、')}`, `it has: ${known.join(', ')}`] : ['它没有参数', 'it has none'];
      findings.push({ path: [id], zh: `档案没有参数 ${id}；${zh}。`, en: `The profile has no parameter ${id}; ${en}.` });
    } else if (value < param.min || value > param.max) {
      const range = `${param.min}–${param.max} ${param.unit}`;
      findings.push({
        path: [id],
        zh: `${param.name.zh}应在 ${range} 之间，不是 ${value}。`,
        en: `${param.name.en ?? param.name.zh} must be within ${range}; ${value} is not.`,
      });
    }
  }
  for (const [id, { ask, name, unit }] of Object.entries(params)) {
    if (!ask || Object.hasOwn(given, id)) continue;
    findings.push({
      path: [id],
      zh: `请填写${name.zh}（params.${id}，单位 ${unit}）；档案里的数值只是示例。`,
      en: `Set ${name.en ?? name.zh} (params.${id}, in ${unit}); the profile's own figure is only a stand-in.`,
    });
  }
  return findings;
}
