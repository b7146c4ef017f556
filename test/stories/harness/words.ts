import type { Town } from './town.ts';

/** What the words in `<brackets>` of a step stood for. */
export type Said = Readonly<Record<string, string>>;
export type Step = (town: Town, said: Said) => Promise<void> | void;

/** The steps of one part of the cloud: a file of `steps/` exports one as `part`. */
export interface Part {
  /** By sentence: `<place>` takes one word, `<reason...>` the rest of the line. */
  readonly steps: Readonly<Record<string, Step>>;
  /** What this part does by the clock, where the cloud's own sweep does not do it. */
  readonly round?: {
    /** When it is next due, ms since 1970 UTC. */
    next(town: Town): Promise<number | null>;
    run(town: Town): Promise<void>;
  };
}

/** The step a line means, with what its words stand for. @throws where no part knows it, or two do. */
export function understand(parts: readonly Part[], line: string): { step: Step; said: Said } {
  const known = parts.flatMap((part) => Object.entries(part.steps));
  const found = known.flatMap(([sentence, step]) => {
    const said = match(sentence, line);
    return said ? [{ step, said, sentence }] : [];
  });
  const literal = (sentence: string) => sentence.split(' ').filter((word) => !word.startsWith('<')).length;
  const most = Math.max(...found.map(({ sentence }) => literal(sentence)));
  const best = found.filter(({ sentence }) => literal(sentence) === most);
  const [first] = best;
  if (first && best.length === 1) return first;
  const sentences = (best.length > 1 ? best : near(known, line)).map(
    (each) => `  ${'sentence' in each ? each.sentence : each[0]}`,
  );
  throw new Error(
    `${best.length > 1 ? 'more than one step means' : 'no step means'} "${line}"; there is\n${sentences.join('\n')}`,
  );
}

function match(sentence: string, line: string): Said | null {
  const wanted = sentence.split(' ');
  const given = line.trim().split(/\s+/);
  const said: Record<string, string> = {};
  for (const [index, word] of wanted.entries()) {
    const slot = /^<([a-z]+)(\.\.\.)?>$/.exec(word);
    if (slot?.[2]) {
      said[slot[1] ?? ''] = given.slice(index).join(' ');
      return given.length > index ? said : null;
    }
    const got = given[index];
    if (got === undefined || (!slot && got !== word)) return null;
    if (slot) said[slot[1] ?? ''] = got;
  }
  return given.length === wanted.length ? said : null;
}

/** Those that share a word with the line. */
function near(known: readonly [string, Step][], line: string): [string, Step][] {
  const words = new Set(line.split(/\s+/));
  const alike = known.filter(([sentence]) => sentence.split(' ').some((word) => words.has(word)));
  return alike.length > 0 ? alike : [...known];
}
