import type { Point } from '../vocabulary/point.ts';
import type { Profile } from '../vocabulary/profile.ts';
import { isConvertible, type Unit, unitFacts } from '../vocabulary/units.ts';
import { type Expression, namesOf, parseExpression } from './expression.ts';
import { valueKind } from './value-kind.ts';

type Say = (key: string, zh: string, en: string) => void;

/** What a point takes from others: its power of ten, its unit, what it is calculated from. */
export function checkRelations(profile: Profile, id: string, point: Point, say: Say): void {
  checkExponent(profile, id, point, say);
  checkUnitFrom(profile, id, point, say);
  if (point.compute !== undefined) checkCompute(profile, id, point, point.compute, say);
}

function otherPoint(profile: Profile, id: string, name: string, key: string, say: Say): Point | undefined {
  const other = name !== id && Object.hasOwn(profile.points, name) ? profile.points[name] : undefined;
  if (other === undefined) say(key, `没有点位 "${name}"。`, `There is no point "${name}".`);
  return other;
}

function checkExponent(profile: Profile, id: string, { scaleExp }: Point, say: Say): void {
  const other = scaleExp === undefined ? undefined : otherPoint(profile, id, scaleExp, 'scaleExp', say);
  if (other === undefined) return;
  if (valueKind(other) !== 'number' || other.scaleExp !== undefined || other.compute !== undefined)
    say('scaleExp', `"${scaleExp}" 必须是普通的整数点位。`, `"${scaleExp}" must be a plain integer point.`);
}

/** The values of the other point's enum are units. Those that cannot be converted give a bad reading; all of them would be a mistake. */
function checkUnitFrom(profile: Profile, id: string, point: Point, say: Say): void {
  const { unitFrom, unit } = point;
  const other = unitFrom === undefined ? undefined : otherPoint(profile, id, unitFrom, 'unitFrom', say);
  if (other === undefined) return;
  if (valueKind(point) !== 'number') say('unitFrom', '只有数值才有单位。', 'Only a number has a unit.');
  const values = Object.values(other.enum ?? {}).map(({ value }) => value);
  const stranger = values.find((value) => unitFacts(value) === undefined);
  if (stranger !== undefined || values.length === 0)
    return say(
      'unitFrom',
      `"${unitFrom}" 的 enum 值必须是单位（vocabulary/units.ts）${stranger === undefined ? '' : `，"${stranger}" 不是`}。`,
      `The enum values of "${unitFrom}" must be units (vocabulary/units.ts)${stranger === undefined ? '' : `; "${stranger}" is none`}.`,
    );
  if (values.every((value) => !isConvertible(value, unit)))
    say('unitFrom', `其中没有一个单位能换算成 ${unit}。`, `None of its units can be converted into ${unit}.`);
}

function checkCompute(profile: Profile, id: string, point: Point, text: string, say: Say): void {
  const { at, type, scale, offset, scaleExp, unitFrom } = point;
  if ((at ?? type ?? scale ?? offset ?? scaleExp ?? unitFrom) !== undefined)
    say('compute', '计算的点位没有地址、类型和倍率。', 'A calculated point has no address, type or scale.');
  const expression = parseExpression(text);
  if ('wrong' in expression) return say('compute', expression.wrong.zh, expression.wrong.en);
  const names = [...namesOf(expression)];
  if (!names.some((name) => Object.hasOwn(profile.points, name)))
    say('compute', '算式里没有任何点位。', 'No point stands in the expression.');
  for (const name of names) {
    const other = name !== id && Object.hasOwn(profile.points, name) ? profile.points[name] : undefined;
    if (other === undefined && !Object.hasOwn(profile.params, name))
      say('compute', `没有点位或安装参数 "${name}"。`, `There is no point or parameter "${name}".`);
    if (other?.compute !== undefined)
      say('compute', `"${name}" 也是计算的；请把算式写在一起。`, `"${name}" is calculated too; write both as one.`);
    if (other !== undefined && ['name', 'text'].includes(valueKind(other)))
      say('compute', `"${name}" 不是数值，也不是是或否。`, `"${name}" is neither a number nor yes or no.`);
  }
  checkUnits(profile, point, expression, say);
}

/** What can be added must have one unit; the unit of a product is the author's word. `any`: not known. */
function checkUnits(profile: Profile, point: Point, expression: Expression, say: Say): void {
  const clash = (a: string, b: string): void =>
    say('compute', `${a} 与 ${b} 不能相加或比较。`, `${a} and ${b} cannot be added or compared.`);
  const unit = unitOf(profile, expression, clash);
  if ((unit === 'yes-no') !== (valueKind(point) === 'boolean') && unit !== 'any')
    say('kind', '是或否的结果应为 kind: state，数值则不是。', 'A result that is yes or no is kind: state, and a number is not.');
  if (unit !== 'any' && unit !== 'yes-no' && unit !== point.unit)
    say('unit', `算式的结果是 ${unit}，不是 ${point.unit}。`, `The expression gives ${unit} and not ${point.unit}.`);
}

type Result = Unit | 'any' | 'yes-no';
type Clash = (a: string, b: string) => void;

function unitOf(profile: Profile, expression: Expression, clash: Clash): Result {
  if (expression.kind === 'number') return 'any';
  if (expression.kind === 'name') {
    const point = Object.hasOwn(profile.points, expression.name) ? profile.points[expression.name] : undefined;
    if (point !== undefined) return valueKind(point) === 'boolean' ? 'yes-no' : point.unit;
    const param = Object.hasOwn(profile.params, expression.name) ? profile.params[expression.name] : undefined;
    return param?.unit ?? 'any';
  }
  const { operator, args } = expression;
  const units = args.map((arg) => unitOf(profile, arg, clash));
  if (operator === '*' || operator === '/') return 'any';
  if (operator === 'and' || operator === 'or' || operator === 'not') return 'yes-no';
  if (operator === 'if') return agreed(units.slice(1), clash);
  const unit = agreed(units, clash);
  return /[<>=]/.test(operator) ? 'yes-no' : unit;
}

function agreed(units: readonly Result[], clash: Clash): Result {
  const known = units.filter((unit) => unit !== 'any');
  const [first = 'any'] = known;
  const other = known.find((unit) => unit !== first);
  if (other !== undefined) clash(first, other);
  return other === undefined ? first : 'any';
}
