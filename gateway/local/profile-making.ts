import { categoryNames } from '@yihu/device-profiles/library/catalogue.ts';
import { type Loaded, type LoadedProfile, loadOwn, loadText } from '@yihu/device-profiles/library/load.ts';
import type {
  LocalMatch,
  LocalNewProfile,
  LocalProfileCheck,
  LocalProfileProblem,
  LocalProfileWords,
  LocalRecognised,
  LocalRecogniseRequest,
  LocalSavedProfile,
} from '@yihu/device-profiles/vocabulary/local-profile.ts';
import { NumberType } from '@yihu/device-profiles/vocabulary/local-profile.ts';
import { categories, type Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { Quantity, quantityFacts } from '@yihu/device-profiles/vocabulary/quantities.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { Unit, units } from '@yihu/device-profiles/vocabulary/units.ts';
import type { Block } from '../commission/guess.ts';
import { fitProfiles } from '../commission/fit.ts';
import { recognise } from '../commission/recognise.ts';
import type { Site } from '../config.ts';
import { proveProfile } from '../prove.ts';
import { fileOf, isOwn, shownFile, writeNew } from './own-profiles.ts';
import { type FoundPlace, noModbus, placeNamed, type ProbingOptions, readPlace, timeoutMs } from './probing.ts';
import { type Draft, draftOf, fieldOf } from './profile-draft.ts';

export interface ProfileMakingOptions extends ProbingOptions {
  readonly site: () => Pick<Site, 'file' | 'profileFolders'>;
  /** There is one profile more. */
  readonly onSaved: (made: LoadedProfile) => void;
}

/** A draft that has been held against the format, the vectors and what is there already. */
interface Checked extends Draft {
  readonly place: FoundPlace;
  readonly path: string;
  readonly loaded: Loaded;
}

/** 做档案: a device that nobody knows becomes a profile beside it, without a line of it being written by hand. */
export class ProfileMaking {
  readonly #options: ProfileMakingOptions;

  constructor(options: ProfileMakingOptions) {
    this.#options = options;
  }

  words(): LocalProfileWords {
    const quantities = Quantity.options.map((id) => {
      const { zh, en, units: shownIn } = quantityFacts(id);
      return { id, name: { zh, en }, units: shownIn };
    });
    const all = Unit.options.map((id) => ({
      id,
      name: { zh: units[id].zh, en: units[id].symbol || id },
      symbol: units[id].symbol,
    }));
    return { quantities, units: all, categories: categories.map((id) => ({ id, name: categoryNames[id] })) };
  }

  /** The registers are read anew: a value on a display changes, and both must be of one moment. */
  async recognise({ shown, ...asked }: LocalRecogniseRequest): Promise<LocalRecognised | { refused: Text }> {
    const read = await readPlace(this.#options, asked);
    if ('unreachable' in read) return { refused: read.unreachable };
    return { matches: matchesIn(read.blocks, shown) };
  }

  /** The profile as it would be, with a first reading through it; nothing is written. */
  async check(asked: LocalNewProfile): Promise<LocalProfileCheck | { refused: Text }> {
    const checked = await this.#check(asked);
    if ('refused' in checked) return checked;
    const { id, path, place, points, loaded, problems } = checked;
    const common = { id, file: shownFile(this.#options.site(), path), port: place.port ?? '', problems };
    if ('problems' in loaded || problems.length > 0) return { ...common, tier: null, readings: [], unreachable: null };
    const { profile, tier } = loaded;
    const { clock } = this.#options;
    const fits = await place.ask(({ target, signal }) =>
      fitProfiles({ target, unit: asked.unit, profiles: [profile], timeoutMs, clock, ...(signal && { signal }) }),
    );
    if ('unreachable' in fits) return { ...common, tier, readings: [], unreachable: fits.unreachable };
    const read = fits[0]?.readings ?? [];
    if (read.length === 0) return { ...common, tier, readings: [], unreachable: silent };
    const readings = points.map((point, i) => {
      const reading = read.find((each) => each.point === point.id);
      return {
        point: point.id,
        name: nameIn(profile, point.id),
        symbol: symbolIn(profile, point.id),
        value: reading?.value ?? null,
        quality: reading?.quality ?? ('bad' as const),
        shown: asked.values[i]?.shown ?? '',
      };
    });
    return { ...common, tier, readings, unreachable: null };
  }

  /** Into the site's own folder. What is there already is never written over. */
  async save(asked: LocalNewProfile): Promise<LocalSavedProfile | { refused: Text; problems: readonly LocalProfileProblem[] }> {
    const checked = await this.#check(asked);
    if ('refused' in checked) return { ...checked, problems: [] };
    const { id, path, place, text, loaded, problems } = checked;
    const [first] = problems;
    if ('problems' in loaded || first) return { refused: first ?? nothingWritten, problems };
    const file = shownFile(this.#options.site(), path);
    try {
      await writeNew(path, text);
    } catch (error) {
      const code = String((error as NodeJS.ErrnoException).code);
      if (code === 'EEXIST') return { refused: isThere(id), problems: [{ field: 'model', ...isThere(id) }] };
      return {
        refused: {
          zh: `写不了 ${file}（${code}）。请检查磁盘和权限。`,
          en: `${file} cannot be written (${code}). Check disk and rights.`,
        },
        problems: [],
      };
    }
    this.#options.onSaved(loaded);
    return { id, file, port: place.port ?? '' };
  }

  async #check(asked: LocalNewProfile): Promise<Checked | { refused: Text }> {
    const place = placeNamed(this.#options, asked.place);
    if (place === null) return { refused: noModbus };
    const day = new Date(this.#options.clock.now()).toISOString().slice(0, 10);
    const draft = draftOf(asked, place.target, day);
    const path = fileOf(this.#options.site(), draft.id);
    const loaded = loadText(draft.text, path, { prove: (profile) => proveProfile(profile) });
    const isKnown = draft.id !== '' && (isOwn(this.#options.site(), draft.id) || (await loadOwn(draft.id)) !== null);
    const found = 'problems' in loaded ? loaded.problems.map((problem) => fieldOf(problem, draft.points)) : [];
    // What a field of the page explains already is not told again in the words of the format.
    const told = new Set([...draft.problems.map(({ field }) => field), ...(draft.id === '' ? ['model'] : [])]);
    const problems = [
      ...draft.problems,
      ...(isKnown ? [{ field: 'model', ...isThere(draft.id) }] : []),
      ...found.filter(({ field }) => !told.has(field)),
    ];
    return { ...draft, place, path, loaded, problems };
  }
}

/** Every way to read them that a display shows as a number. */
export function matchesIn(blocks: readonly Block[], shown: string): LocalMatch[] {
  return recognise(blocks, shown).flatMap(({ at, type, order, scale, words, value }) => {
    const number = NumberType.safeParse(type);
    return number.success ? [{ at, type: number.data, order, scale, words: [...words], value }] : [];
  });
}

const silent = { zh: '设备这会儿没有应答，没有读到值。', en: 'The device does not answer now; nothing was read.' };
const nothingWritten = { zh: '档案有问题，没有写。', en: 'The profile has problems; nothing was written.' };

function isThere(id: string): { zh: string; en: string } {
  return {
    zh: `已有档案 ${id}，不会覆盖。设备相同就直接用它；不同就把型号写得更细，如加上版本。`,
    en: `There is a profile ${id}, which is not written over. Use it if the device is the same; else make the model more exact.`,
  };
}

function nameIn({ points }: Profile, id: string): Text {
  return points[id]?.name ?? { zh: id };
}

function symbolIn({ points }: Profile, id: string): string {
  return units[points[id]?.unit ?? '1'].symbol;
}
