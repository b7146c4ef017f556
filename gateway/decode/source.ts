import type { DataSource, Source } from '@yihu/device-profiles/vocabulary/message.ts';
import type { Point } from '@yihu/device-profiles/vocabulary/point.ts';
import type { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import { decimalOf, textOf, times } from './decimal.ts';
import { bad } from './interpret.ts';
import { follow, parsePath, type Path, type Place, wordOf } from './path.ts';
import { isSafeText } from './text.ts';
import { compileTyped, fromText, type Typed } from './typed.ts';

/** Whether numbers and booleans are spelled as text at a path. */
export type IsText = (path: Path) => boolean;

/** The raw value of a point where its source says; `undefined`: the path is not there, so nothing is said of the point. */
export function compileSource(point: Point, source: Source, isText: IsText): (place: Place) => Typed | undefined {
  const given = typeof source === 'string' ? { from: source } : source;
  const paths = [given.from].flat().map(parsePath);
  const find = firstOf(paths);
  if ('has' in given) {
    const { has, between } = given;
    return (place) => {
      const found = find(place);
      if (found === undefined) return undefined;
      return typeof found === 'string' ? { raw: found.split(between).some((word) => word.trim() === has) } : bad('wrong-type');
    };
  }
  const typed = compileTyped(point, paths.every(isText), given.base);
  const names = compileMap(given.map);
  const mapped = compileTyped(point, false);
  const scaled = compileScale(given.scale);
  return (place) => {
    const found = find(place);
    if (found === undefined) return undefined;
    if (names === undefined) return scaled(typed(found));
    const meant = names(found);
    return meant === undefined ? bad('invalid-value') : mapped(meant);
  };
}

/** The raw value times the source's own scale, exact in decimal. */
function compileScale(scale: number | undefined): (typed: Typed) => Typed {
  if (scale === undefined) return (typed) => typed;
  const factor = decimalOf(scale);
  return (typed) => {
    const raw = 'raw' in typed ? typed.raw : undefined;
    const isNumber = typeof raw === 'bigint' || (typeof raw === 'number' && Number.isFinite(raw));
    return isNumber ? { raw: Number(textOf(times(decimalOf(raw), factor))) } : typed;
  };
}

/** A scalar for an event's data; what is no scalar, or not in the map, is left out. */
export function compileData(source: DataSource): (place: Place) => Value | undefined {
  const given = typeof source === 'string' ? { from: source } : source;
  const find = firstOf([given.from].flat().map(parsePath));
  const names = compileMap(given.map);
  return (place) => {
    const found = find(place);
    if (names !== undefined) return scalarOf(names(found));
    if (given.base === undefined || typeof found !== 'string') return scalarOf(found);
    const spelled = fromText(found.trim(), 'number', given.base);
    return 'raw' in spelled ? scalarOf(spelled.raw) : undefined;
  };
}

function firstOf(paths: readonly Path[]): (place: Place) => unknown {
  const [only] = paths;
  if (paths.length === 1 && only !== undefined) return (place) => follow(place, only);
  return (place) => {
    for (const path of paths) {
      const found = follow(place, path);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

type MapSource = Exclude<DataSource, string>['map'];

function compileMap(map: MapSource): ((found: unknown) => unknown) | undefined {
  if (map === undefined) return undefined;
  const names = new Map(Object.entries(map));
  return (found) => names.get(wordOf(found)?.trim() ?? '');
}

function scalarOf(found: unknown): Value | undefined {
  if (typeof found === 'bigint') return found.toString();
  if (typeof found === 'string') return isSafeText(found) ? found : undefined;
  if (typeof found === 'number') return Number.isFinite(found) ? found : undefined;
  return typeof found === 'boolean' ? found : undefined;
}

/** A short text from a path, for codes, serials and keys. */
export function compileWord(path: string): (place: Place) => string | undefined {
  const parsed = parsePath(path);
  return (place) => {
    const value = scalarOf(follow(place, parsed));
    return value === undefined || value === null ? undefined : String(value);
  };
}
