import type {
  LocalBegun,
  LocalChange,
  LocalDeviceEdit,
  LocalPlanned,
  LocalSiteEdit,
} from '@yihu/device-profiles/vocabulary/local-edit.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { ChangeState, Changes } from '../change/changes.ts';
import type { Problem } from '../problems.ts';
import { DeviceKeyError } from '../collect/mqtt/secret.ts';
import { diffOf } from '../commission/site-diff.ts';
import { editSite } from '../commission/site-edit.ts';
import type { Site } from '../config.ts';
import { issueFor, neededBy, type Pairing, placesToPost } from './pairing.ts';

/** Changes of the site from the page: each an edit of the site file as it is now, and then a change like any other. */
export class SiteChanges {
  readonly #changes: Pick<Changes, 'plan' | 'submit' | 'state' | 'undo'>;
  readonly #site: () => Pick<Site, 'text' | 'file'>;
  readonly #folderOf: (profile: string) => string | null;
  readonly #profileOf: (id: string) => Promise<Profile | undefined>;

  /**
   * `folderOf`: what the site file must come to name so that a profile is found; null: nothing. `profileOf`: by its id.
   */
  constructor(
    changes: Pick<Changes, 'plan' | 'submit' | 'state' | 'undo'>,
    site: () => Pick<Site, 'text' | 'file'>,
    folderOf: (profile: string) => string | null = () => null,
    profileOf: (id: string) => Promise<Profile | undefined> = () => Promise.resolve(undefined),
  ) {
    this.#changes = changes;
    this.#site = site;
    this.#folderOf = folderOf;
    this.#profileOf = profileOf;
  }

  async plan(edit: LocalSiteEdit): Promise<LocalPlanned | null> {
    const before = this.#site().text;
    const pairing = neededBy(edit, before);
    if (pairing !== null && 'refused' in pairing) return refusedPlan(pairing.refused);
    const wanted = pairing?.trial ?? ('reissue' in edit ? null : edit);
    const text = wanted && this.#edited(before, wanted);
    if (text === null) return null;
    const planned = await this.#changes.plan({ text });
    if ('problems' in planned) return { plan: null, login: null, problems: planned.problems.map(problemOf) };
    return { plan: { ...planned.plan, lines: diffOf(before, text) }, login: pairing?.login ?? null, problems: [] };
  }

  /** What was begun, with the secret of a device that needs one; why not; or null where there is no such device. */
  async submit(edit: LocalSiteEdit): Promise<{ refused: Text } | { change: LocalBegun } | null> {
    const { text } = this.#site();
    const pairing = neededBy(edit, text);
    if (pairing === null) return 'reissue' in edit ? null : this.#begin(text, edit, silentIn(edit));
    if ('refused' in pairing) return pairing;
    // What is wrong with the site is found before a secret is made.
    const trial = this.#edited(text, pairing.trial);
    const planned = trial === null ? null : await this.#changes.plan({ text: trial });
    if (planned === null) return null;
    if ('problems' in planned) return { refused: firstOf(planned.problems) };
    return this.#pair(text, pairing);
  }

  async #pair(text: string, pairing: Pairing): Promise<{ refused: Text } | { change: LocalBegun } | null> {
    const profile = await this.#profileOf(pairing.profile);
    try {
      const { secret, edit } = issueFor(pairing, this.#site().file);
      // It cannot log in before it is given its secret.
      const begun = await this.#begin(text, edit, [pairing.device]);
      if (begun === null || 'refused' in begun) return begun;
      const paired = { login: pairing.login, secret, posts: placesToPost(pairing, profile, secret) };
      return { change: { ...begun.change, paired } };
    } catch (error) {
      if (!(error instanceof DeviceKeyError)) throw error;
      return { refused: { zh: error.zh, en: error.en } };
    }
  }

  async #begin(
    before: string,
    edit: LocalDeviceEdit,
    mayBeSilent: string[],
  ): Promise<{ refused: Text } | { change: LocalBegun } | null> {
    const text = this.#edited(before, edit);
    if (text === null) return null;
    const submitted = await this.#changes.submit({ text, by: 'local', mayBeSilent });
    if ('change' in submitted) return { change: { ...changeOf(submitted.change), paired: null } };
    return 'refused' in submitted ? submitted : { refused: firstOf(submitted.problems) };
  }

  #edited(before: string, edit: LocalDeviceEdit): string | null {
    return editSite(before, edit, 'add' in edit ? this.#folderOf(edit.add.profile) : null);
  }

  state(): LocalChange | null {
    const state = this.#changes.state();
    return state && changeOf(state);
  }

  undo(): void {
    this.#changes.undo();
  }
}

/** One that is not wired yet need not answer for the change to be kept. */
function silentIn(edit: LocalDeviceEdit): string[] {
  if ('remove' in edit || edit.mayBeSilent !== true) return [];
  return ['add' in edit ? edit.add.id : edit.change.id];
}

function changeOf({ id, state, at, missing, leftMs, reason }: ChangeState): LocalChange {
  return { id, state, at, missing, leftMs, reason };
}

function refusedPlan({ zh, en = zh }: Text): LocalPlanned {
  return { plan: null, login: null, problems: [{ path: '', zh, en }] };
}

function firstOf([first]: readonly Problem[]): Text {
  return { zh: first?.zh ?? '', en: first?.en ?? '' };
}

function problemOf({ path, zh, en }: Problem) {
  return { path, zh, en };
}
