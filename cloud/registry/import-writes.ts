import type { PersonField, Tag } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import type { Area } from '@yihu/device-profiles/vocabulary/view.ts';
import type { ImportRun } from './import-batch.ts';
import type { FoundHouse } from './import-houses.ts';
import type { ImportWork } from './import-records.ts';
import type { Collected, FoundPerson, PersonChange, StoredOccupancy, StoredPerson } from './people-records.ts';

interface Change {
  readonly columns: Partial<StoredPerson>;
  readonly before: Readonly<Record<string, unknown>>;
  readonly fields: readonly PersonField[];
  readonly tags: readonly Tag[] | undefined;
  readonly occupancy: StoredOccupancy | null;
  readonly version: number;
}

/** What a batch writes, gathered so that thousands of rows are a few statements. */
export class ImportWrites {
  readonly #run: Pick<ImportRun, 'id' | 'plan' | 'reader' | 'at' | 'isRepeat'>;
  readonly #areas = new Map<string, Area>();
  readonly #people: StoredPerson[] = [];
  readonly #tags: { person: string; tag: string }[] = [];
  readonly #occupancies: StoredOccupancy[] = [];
  readonly #updates: { id: string; columns: Partial<StoredPerson>; tags: readonly Tag[] | undefined }[] = [];
  readonly #collected: Collected[] = [];
  readonly #changes: PersonChange[] = [];

  constructor(run: Pick<ImportRun, 'id' | 'plan' | 'reader' | 'at' | 'isRepeat'>) {
    this.#run = run;
  }

  house({ make }: FoundHouse): void {
    for (const area of make) this.#areas.set(area.path, area);
  }

  person(stored: StoredPerson, tags: readonly Tag[], occupancy: StoredOccupancy, fields: readonly PersonField[]): void {
    this.#people.push(stored);
    for (const tag of tags) this.#tags.push({ person: stored.id, tag });
    this.#occupancies.push(occupancy);
    this.#collect(stored.id, fields, []);
    this.#note(stored.id, 'made', fields, {}, 1);
  }

  change(person: FoundPerson, { columns, before, fields, tags, occupancy, version }: Change): void {
    this.#updates.push({ id: person.id, columns, tags });
    if (occupancy) this.#occupancies.push(occupancy);
    this.#collect(person.id, fields, []);
    this.#note(person.id, 'import', fields, before, version);
  }

  /** The table held what was known already: the list of what was asked twice is made of this. */
  confirmed(person: string, fields: readonly PersonField[]): void {
    if (fields.length > 0 && !this.#run.isRepeat) this.#collect(person, fields, fields);
  }

  #collect(subject: string, fields: readonly PersonField[], again: readonly PersonField[]): void {
    const { id, plan, reader, at } = this.#run;
    this.#collected.push({
      subject,
      fields,
      again,
      source: plan.source,
      basis: plan.basis,
      form: null,
      import: id,
      by: reader.id,
      at,
    });
  }

  #note(
    person: string,
    kind: 'made' | 'import',
    fields: readonly string[],
    before: Readonly<Record<string, unknown>>,
    version: number,
  ): void {
    const { id, reader, at } = this.#run;
    this.#changes.push({ person, kind, fields, before, cause: id, by: reader.id, at, version });
  }

  async flush(work: ImportWork): Promise<void> {
    const { at } = this.#run;
    await work.putAreas([...this.#areas.values()]);
    await work.insert(this.#people, at);
    await work.addTags(this.#tags);
    await work.addOccupancies(this.#occupancies);
    for (const { id, columns, tags } of this.#updates) {
      await work.update(id, columns, at);
      if (tags !== undefined) await work.setTags(id, tags);
    }
    await work.reseat([...new Set(this.#occupancies.map(({ person }) => person))]);
    await work.collect(this.#collected);
    await work.noteChanges(this.#changes);
  }

  /** Paths of the houses that were made. */
  get made(): readonly string[] {
    return [...this.#areas.keys()];
  }
}
