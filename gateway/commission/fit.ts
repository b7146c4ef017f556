import { chooseVariant, probeProfile } from '@yihu/device-profiles/library/choose-variant.ts';
import { applyVariant } from '@yihu/device-profiles/library/load.ts';
import type { FrameBody } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { Clock } from '../clock.ts';
import { readRequest } from '../collect/modbus/pdu.ts';
import { planReads, split } from '../collect/modbus/planner.ts';
import { Questioner, type Target } from '../collect/modbus/read.ts';
import type { Problem } from '../collect/poll/outcome.ts';
import { compile } from '../decode/decode.ts';

/** How well a profile, or a variant of it, describes a device that was asked for all its points. */
export interface Fit {
  readonly profile: string;
  /** Null: the profile as it is written. */
  readonly variant: string | null;
  /** Points that gave a good value, of all that are polled. */
  readonly good: number;
  readonly points: number;
  /** What the profile's own probes speak for this variant; only where it has any. */
  readonly isChosen: boolean;
  readonly readings: readonly Reading[];
}

export interface FitOptions {
  readonly target: Target;
  readonly unit: number;
  /** Modbus profiles; others are left out. */
  readonly profiles: readonly Profile[];
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  readonly onProgress?: (fit: Fit) => void;
}

/** Asks a device for the points of each profile and variant; the best fit first. It ends where the device answers nothing at all. */
export async function fitProfiles(options: FitOptions): Promise<readonly Fit[] | { readonly unreachable: Problem }> {
  const asker = new Asker(options);
  const fits: Fit[] = [];
  try {
    for (const profile of options.profiles.filter(({ transport }) => transport.protocol === 'modbus')) {
      for (const fit of await fitsOf(asker, profile, options.signal)) {
        fits.push(fit);
        options.onProgress?.(fit);
      }
      if (asker.isMute || options.signal?.aborted === true) break;
    }
  } finally {
    await asker.stop();
  }
  if (asker.isMute && asker.problem) return { unreachable: asker.problem };
  return fits.sort((a, b) => Number(b.isChosen) - Number(a.isChosen) || b.good / b.points - a.good / a.points || b.good - a.good);
}

async function fitsOf(asker: Asker, profile: Profile, signal?: AbortSignal): Promise<Fit[]> {
  const probes = probeProfile(profile);
  const spoken = probes === undefined ? null : (chooseVariant(profile, await asker.read(probes)) ?? null);
  const fits: Fit[] = [];
  for (const variant of [null, ...profile.variants.map(({ id }) => id)]) {
    if (signal?.aborted === true || asker.isMute) break;
    const patched = variant === null ? profile : applyVariant(profile, variant);
    const points = Object.keys(polled(patched)).length;
    if (points === 0) continue;
    const readings = await asker.read(patched);
    const good = new Set(readings.filter(({ quality }) => quality === 'good').map(({ point }) => point)).size;
    fits.push({ profile: profile.id, variant, good, points, isChosen: probes !== undefined && variant === spoken, readings });
  }
  return fits;
}

function polled({ points }: Profile): Profile['points'] {
  return Object.fromEntries(Object.entries(points).filter(([, { at, compute }]) => at !== undefined || compute !== undefined));
}

/** After so many questions without any answer there is nobody there. */
const mutesInARow = 3;

/** One wire for many questions, with a count of those that were answered. */
class Asker {
  readonly #questioner: Questioner;
  readonly #options: FitOptions;
  #isHeard = false;
  #unanswered = 0;
  problem: Problem | undefined;

  constructor(options: FitOptions) {
    this.#options = options;
    this.#questioner = new Questioner(options);
  }

  get isMute(): boolean {
    return !this.#isHeard && this.#unanswered >= mutesInARow;
  }

  stop(): Promise<void> {
    return this.#questioner.stop();
  }

  /** What the device says to all points of a profile; what it refuses or does not answer gives no reading. */
  async read(profile: Profile): Promise<Reading[]> {
    const decoder = compile(profile);
    const readings: Reading[] = [];
    const todo = planReads(profile, Object.keys(polled(profile)));
    for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
      const { table, start, count } = next;
      if (this.isMute || this.#options.signal?.aborted === true) break;
      const said = await this.#questioner.ask(readRequest(this.#options.unit, table, start, count));
      if (said !== undefined && 'unreachable' in said) {
        this.#unanswered += 1;
        this.problem = said.unreachable;
        continue;
      }
      this.#isHeard = true;
      if (said?.kind === 'exception') todo.push(...(split(next) ?? []));
      if (said?.kind !== 'words' && said?.kind !== 'bits') continue;
      const body: FrameBody =
        said.kind === 'words'
          ? { kind: 'registers', table: table === 'input' ? 'input' : 'holding', start, words: said.words }
          : { kind: 'bits', table: table === 'coil' ? 'coil' : 'discrete', start, bits: said.bits };
      readings.push(...decoder.decode({ device: 'probe', at: this.#options.clock.now(), body }).readings);
    }
    return readings;
  }
}
