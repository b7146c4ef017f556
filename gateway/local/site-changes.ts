import type { LocalChange, LocalPlanned, LocalSiteEdit } from '@yihu/device-profiles/vocabulary/local-edit.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { ChangeState, Changes } from '../change/changes.ts';
import type { Problem } from '../problems.ts';
import { diffOf } from '../commission/site-diff.ts';
import { editSite } from '../commission/site-edit.ts';

/** Changes of the site from the page: each an edit of the site file as it is now, and then a change like any other. */
export class SiteChanges {
  readonly #changes: Pick<Changes, 'plan' | 'submit' | 'state' | 'undo'>;
  readonly #text: () => string;
  readonly #folderOf: (profile: string) => string | null;

  /** `folderOf`: what the site file must come to name so that a profile is found; null: nothing. */
  constructor(
    changes: Pick<Changes, 'plan' | 'submit' | 'state' | 'undo'>,
    text: () => string,
    folderOf: (profile: string) => string | null = () => null,
  ) {
    this.#changes = changes;
    this.#text = text;
    this.#folderOf = folderOf;
  }

  async plan(edit: LocalSiteEdit): Promise<LocalPlanned | null> {
    const before = this.#text();
    const text = this.#edited(before, edit);
    if (text === null) return null;
    const planned = await this.#changes.plan({ text });
    if ('problems' in planned) return { plan: null, problems: planned.problems.map(problemOf) };
    return { plan: { ...planned.plan, lines: diffOf(before, text) }, problems: [] };
  }

  /** What was begun; why not; or null where there is no such device. */
  async submit(edit: LocalSiteEdit): Promise<{ refused: Text } | { change: LocalChange } | null> {
    const text = this.#edited(this.#text(), edit);
    if (text === null) return null;
    const submitted = await this.#changes.submit({ text, by: 'local', mayBeSilent: silentIn(edit) });
    if ('change' in submitted) return { change: changeOf(submitted.change) };
    if ('refused' in submitted) return submitted;
    const [first] = submitted.problems;
    return { refused: { zh: first?.zh ?? '', en: first?.en ?? '' } };
  }

  #edited(before: string, edit: LocalSiteEdit): string | null {
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
function silentIn(edit: LocalSiteEdit): string[] {
  if ('remove' in edit || edit.mayBeSilent !== true) return [];
  return ['add' in edit ? edit.add.id : edit.change.id];
}

function changeOf({ id, state, at, missing, leftMs, reason }: ChangeState): LocalChange {
  return { id, state, at, missing, leftMs, reason };
}

function problemOf({ path, zh, en }: Problem) {
  return { path, zh, en };
}
