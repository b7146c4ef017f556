/**
 * 算式: arithmetic as data. It always ends: there are no loops, no calls of its own, no text, and its length is bounded by
 * the profile's schema. Every operator is a function of its arguments; a value that is no number is `undefined`.
 *
 *     or < and < not < comparison (< <= > >= == !=) < + - < * / < - (sign)
 *     min(a, …)  max(a, …)  abs(a)  round(a)  if(condition, then, else)
 */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'apply'; readonly operator: Operator; readonly args: readonly Expression[] };

export type Known = number | boolean;

const binary = ['or', 'and', '<', '<=', '>', '>=', '==', '!=', '+', '-', '*', '/'] as const;
const functions = { min: [1, 16], max: [1, 16], abs: [1, 1], round: [1, 1], if: [3, 3] } as const;
export type Operator = (typeof binary)[number] | keyof typeof functions | 'not' | 'sign';

export interface WrongExpression {
  readonly zh: string;
  readonly en: string;
}

/** Deepest nesting of brackets, calls and signs. */
const maxDepth = 24;
const levels: readonly (readonly Operator[])[] = [['or'], ['and'], ['<', '<=', '>', '>=', '==', '!='], ['+', '-'], ['*', '/']];

/** Never throws, whatever the text. */
export function parseExpression(text: string): Expression | { readonly wrong: WrongExpression } {
  const words = text.match(/\d+(?:\.\d+)?(?:e[+-]?\d+)?|[A-Za-z_]\w*|[<>=!]=|[-+*/<>(),]|\S/g) ?? [];
  const parser = new Parser(words);
  try {
    return parser.whole();
  } catch (error) {
    if (error instanceof Wrong) return { wrong: error };
    throw error;
  }
}

class Wrong extends Error implements WrongExpression {
  readonly zh: string;
  readonly en: string;

  constructor(zh: string, en: string) {
    super(en);
    this.zh = zh;
    this.en = en;
  }
}

class Parser {
  readonly #words: readonly string[];
  #next = 0;
  #depth = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  whole(): Expression {
    const expression = this.#level(0);
    if (this.#word() !== undefined) throw this.#unexpected();
    return expression;
  }

  #word(): string | undefined {
    return this.#words[this.#next];
  }

  #take(word: string): boolean {
    if (this.#word() !== word) return false;
    this.#next++;
    return true;
  }

  #unexpected(): Wrong {
    const word = this.#word();
    return word === undefined
      ? new Wrong('算式不完整。', 'The expression is not complete.')
      : new Wrong(`算式里不应出现 "${word}"。`, `"${word}" does not belong here in the expression.`);
  }

  #deeper<T>(read: () => T): T {
    if (++this.#depth > maxDepth) throw new Wrong('算式嵌套太深。', 'The expression is nested too deep.');
    const result = read();
    this.#depth--;
    return result;
  }

  /** `a op b op c`, from the left. */
  #level(level: number): Expression {
    const operators = levels[level];
    if (operators === undefined) return this.#sign();
    if (level === 2 && this.#take('not')) return this.#deeper(() => apply('not', [this.#level(2)]));
    let left = this.#level(level + 1);
    for (;;) {
      const operator = operators.find((each) => each === this.#word());
      if (operator === undefined) return left;
      this.#next++;
      left = apply(operator, [left, this.#level(level + 1)]);
    }
  }

  #sign(): Expression {
    return this.#take('-') ? this.#deeper(() => apply('sign', [this.#sign()])) : this.#primary();
  }

  #primary(): Expression {
    const word = this.#word();
    if (this.#take('(')) return this.#deeper(() => this.#bracket());
    if (word === undefined || !/^[\dA-Za-z_]/.test(word)) throw this.#unexpected();
    this.#next++;
    if (/^\d/.test(word)) return { kind: 'number', value: Number(word) };
    return this.#word() === '(' ? this.#deeper(() => this.#call(word)) : { kind: 'name', name: word };
  }

  #bracket(): Expression {
    const inside = this.#level(0);
    if (!this.#take(')')) throw this.#unexpected();
    return inside;
  }

  #call(name: string): Expression {
    if (!Object.hasOwn(functions, name)) {
      const known = Object.keys(functions).join(', ');
      throw new Wrong(`没有函数 ${name}；有：${known}。`, `There is no function ${name}; there are: ${known}.`);
    }
    const operator = name as keyof typeof functions;
    const args: Expression[] = [];
    this.#take('(');
    do args.push(this.#level(0));
    while (this.#take(','));
    if (!this.#take(')')) throw this.#unexpected();
    const [least, most] = functions[operator];
    if (args.length < least || args.length > most)
      throw new Wrong(`${name} 需要 ${least}–${most} 个参数。`, `${name} takes ${least} to ${most} arguments.`);
    return apply(operator, args);
  }
}

function apply(operator: Operator, args: readonly Expression[]): Expression {
  return { kind: 'apply', operator, args };
}

/** The names it asks for. */
export function namesOf(expression: Expression): Set<string> {
  if (expression.kind === 'name') return new Set([expression.name]);
  return new Set(expression.kind === 'number' ? [] : expression.args.flatMap((arg) => [...namesOf(arg)]));
}

export type Calculate = (valueOf: (name: string) => Known) => Known | undefined;

/** Prepares the calculation. `undefined`: the result, or a part of it that is needed, is no number (a division by zero). */
export function compileExpression(expression: Expression): Calculate {
  const calculate = compile(expression);
  return (valueOf) => {
    const result = calculate(valueOf);
    return typeof result === 'number' && !Number.isFinite(result) ? undefined : result;
  };
}

type Part = (valueOf: (name: string) => Known) => Known;

function compile(expression: Expression): Part {
  if (expression.kind === 'number') return () => expression.value;
  if (expression.kind === 'name') return (valueOf) => valueOf(expression.name);
  const args = expression.args.map(compile);
  const [a, b, c] = args as [Part, Part, Part];
  const number = (part: Part): ((valueOf: (name: string) => Known) => number) => {
    return (valueOf) => Number(part(valueOf));
  };
  const [x, y] = [number(a), b === undefined ? () => Number.NaN : number(b)];
  switch (expression.operator) {
    case '+':
      return (v) => x(v) + y(v);
    case '-':
      return (v) => x(v) - y(v);
    case '*':
      return (v) => x(v) * y(v);
    case '/':
      return (v) => x(v) / y(v);
    case 'sign':
      return (v) => -x(v);
    case '<':
      return (v) => x(v) < y(v);
    case '<=':
      return (v) => x(v) <= y(v);
    case '>':
      return (v) => x(v) > y(v);
    case '>=':
      return (v) => x(v) >= y(v);
    case '==':
      return (v) => a(v) === b(v);
    case '!=':
      return (v) => a(v) !== b(v);
    case 'and':
      return (v) => Boolean(a(v)) && Boolean(b(v));
    case 'or':
      return (v) => Boolean(a(v)) || Boolean(b(v));
    case 'not':
      return (v) => !a(v);
    case 'if':
      return (v) => (a(v) ? b(v) : c(v));
    case 'abs':
      return (v) => Math.abs(x(v));
    case 'round':
      return (v) => Math.sign(x(v)) * Math.round(Math.abs(x(v)));
    case 'min':
      return (v) => Math.min(...args.map((arg) => Number(arg(v))));
    case 'max':
      return (v) => Math.max(...args.map((arg) => Number(arg(v))));
  }
}
