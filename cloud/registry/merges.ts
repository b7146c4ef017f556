import type { DoublePair, Merged, Unmerged } from '@yihu/device-profiles/vocabulary/registry-double.ts';
import type { PersonField, Tag } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import { v7 as uuidv7 } from 'uuid';
import type { MergeRecords, MergeWork } from './merge-records.ts';
import { type PeopleDesk, yearOf } from './people.ts';
import type { FoundPerson } from './people-records.ts';
import { backFrom, columnsOf, sealedDifference } from './person-change.ts';
import type { PlainPerson } from './person-check.ts';
import { openPerson } from './person-sealing.ts';
import { detailOf, summaryOf } from './person-view.ts';
import type { Reader } from './reader.ts';
import { no, said, type Said } from './said.ts';

export interface MergeRequest {
  readonly other: string;
  readonly version: number;
  readonly otherVersion: number;
  /** Fields in which the other one is right; where the kept one has nothing, the other's is taken anyway. */
  readonly take: readonly (keyof PlainPerson)[];
  readonly key: string;
}

export interface Merges {
  pairs(reader: Reader, area: string | undefined): Promise<readonly DoublePair[]>;
  /** Two people after all: the pair is not shown again. */
  dismiss(reader: Reader, a: string, b: string): Promise<Said<null>>;
  merge(reader: Reader, id: string, request: MergeRequest): Promise<Said<Merged>>;
  unmerge(reader: Reader, merge: string): Promise<Said<Unmerged>>;
}

export interface MergeDesk extends PeopleDesk {
  readonly merges: MergeRecords;
}

const mostPairs = 100;

export function createMerges(desk: MergeDesk): Merges {
  const { merges, sealer } = desk;
  return {
    async pairs(reader, area) {
      const year = yearOf(desk);
      const show = (person: FoundPerson) => summaryOf(sealer, reader, person, year);
      return (await merges.pairs(reader.scope, area, mostPairs)).map(({ a, b, reasons }) => ({
        a: show(a),
        b: show(b),
        reasons: [...reasons],
      }));
    },
    async dismiss(reader, a, b) {
      const seen = await Promise.all([a, b].map((id) => desk.records.person(reader.scope, id)));
      if (a === b || seen.includes(null)) return no('not-found');
      await merges.dismiss(a, b, reader.id, desk.clock.now());
      return said(null);
    },
    merge: (reader, id, request) => merges.atOnce((work) => merge(desk, work, reader, id, request)),
    unmerge: (reader, id) => merges.atOnce((work) => unmerge(desk, work, reader, id)),
  };
}

async function merge(desk: MergeDesk, work: MergeWork, reader: Reader, id: string, request: MergeRequest): Promise<Said<Merged>> {
  const at = desk.clock.now();
  const by = reader.id;
  let refusal: Said<Merged> = no('not-found');
  const done = await work.once({ actor: by, key: request.key, about: `merge ${id}`, at }, async () => {
    const [kept, gone] = id === request.other ? [null, null] : await work.holdBoth(reader.scope, id, request.other);
    if (kept === null || gone === null) return null;
    if (kept.version !== request.version || gone.version !== request.otherVersion) {
      refusal = no('version');
      return null;
    }
    const mergeId = `mg-${uuidv7()}`;
    const { columns, before, fields, tags } = together(desk, kept, gone, request.take);
    const moved = await work.join(kept.id, gone.id, at);
    await work.update(kept.id, columns, at);
    await work.setTags(kept.id, tags);
    await work.reseat([kept.id, gone.id]);
    await work.noteMerge({ id: mergeId, kept: kept.id, gone: gone.id, moved, undoneAt: null }, by, at);
    const version = kept.version + 1;
    await work.noteChanges([{ person: kept.id, kind: 'merge', fields, before, cause: mergeId, by, at, version }]);
    return mergeId;
  });
  if (done === 'refused') return refusal;
  if (done === 'key-reused') return no('key-reused');
  const person = await shown(desk, work, reader, id);
  return person ? said({ merge: done.subject, person }, done.repeated) : no('not-found');
}

async function shown(desk: PeopleDesk, work: MergeWork, reader: Reader, id: string) {
  const person = await work.person(reader.scope, id);
  return person && detailOf(desk.sealer, reader, person, await work.history(id), yearOf(desk));
}

/** The kept one with what the other knows better, or knows alone; needs and tags of both. */
function together({ sealer }: PeopleDesk, kept: FoundPerson, gone: FoundPerson, take: MergeRequest['take']) {
  const [mine, theirs] = [openPerson(sealer, kept), openPerson(sealer, gone)];
  const better = <K extends keyof PlainPerson>(field: K): PlainPerson[K] => {
    return take.includes(field) || mine[field] === null ? theirs[field] : mine[field];
  };
  const number = take.includes('idNumber') || mine.idNumber === null ? theirs : mine;
  const next: PlainPerson = {
    name: better('name'),
    idKind: number.idKind,
    idNumber: number.idNumber,
    phone: better('phone'),
    sex: better('sex'),
    birth: better('birth'),
    contact: better('contact'),
    needs: [...new Set([...mine.needs, ...theirs.needs])].sort(),
  };
  const tags: Tag[] = [...new Set([...kept.tags, ...gone.tags])].sort();
  const { columns, before, fields } = sealedDifference(sealer, kept, next, tags);
  return { columns, before, fields, tags };
}

async function unmerge(desk: MergeDesk, work: MergeWork, reader: Reader, id: string): Promise<Said<Unmerged>> {
  const found = await work.merge(id);
  if (found === null) return no('not-found');
  const kept = await work.hold(reader.scope, found.kept);
  const now = await work.merge(id);
  if (kept === null || now === null) return no('not-found');
  if (now.undoneAt !== null) {
    return no('wrong-state', { zh: '这次合并已经拆开过。', en: 'This merge was taken apart already.' });
  }
  const at = desk.clock.now();
  const { before, since } = await work.mergeChange(id, found.kept);
  const { tags, ...columns } = before;
  const touched = since.filter((field) => field !== 'occupancy');
  const left = new Set<string>(touched.flatMap((field) => columnsOf[field as keyof PlainPerson] ?? []));
  const back = Object.fromEntries(Object.entries(columns).filter(([column]) => !left.has(column)));
  await work.part(found, at);
  await work.update(kept.id, backFrom(back), at);
  if (Array.isArray(tags) && !touched.includes('tags')) await work.setTags(kept.id, tags as Tag[]);
  await work.reseat([found.kept, found.gone]);
  const fields: PersonField[] = ['occupancy'];
  await work.noteChanges([
    { person: kept.id, kind: 'unmerge', fields, before: {}, cause: id, by: reader.id, at, version: kept.version + 1 },
  ]);
  const [person, other] = [await shown(desk, work, reader, found.kept), await shown(desk, work, reader, found.gone)];
  return person && other ? said({ merge: id, person, other, kept: touched }) : no('not-found');
}
