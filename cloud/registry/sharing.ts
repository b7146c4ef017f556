import type { Need, Tag } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import { needs, occupancyRoles, tags } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import type { DataSet, SharedRows, ShareField, ShareRequest, ShareUse } from '@yihu/device-profiles/vocabulary/registry-share.ts';
import { v7 as uuidv7 } from 'uuid';
import { limits } from '../limits.ts';
import { type PeopleDesk, yearOf } from './people.ts';
import type { FoundPerson } from './people-records.ts';
import { openName, openNeeds, openText } from './person-sealing.ts';
import type { Reader } from './reader.ts';
import { no, said, type Said } from './said.ts';
import type { Decision, Made, NewDataSet, NewShareRequest, ShareRecords } from './share-records.ts';

export interface Sharing {
  dataSets(reader: Reader): Promise<readonly DataSet[]>;
  offer(reader: Reader, wanted: Omit<NewDataSet, 'id'>, key: string): Promise<Said<DataSet>>;
  retire(reader: Reader, id: string, version: number): Promise<Said<DataSet>>;
  requests(reader: Reader): Promise<readonly ShareRequest[]>;
  ask(reader: Reader, wanted: Omit<NewShareRequest, 'id'>, key: string): Promise<Said<ShareRequest>>;
  /** By somebody else than who asked; approved until a day that is named. */
  decide(reader: Reader, id: string, version: number, decision: Decision): Promise<Said<ShareRequest>>;
  /** A page of the agreed fields, written down as a use before it is handed out. */
  rows(reader: Reader, id: string, after: string | undefined): Promise<Said<SharedRows>>;
  uses(reader: Reader, id: string): Promise<readonly ShareUse[] | null>;
}

export interface ShareDesk extends PeopleDesk {
  readonly shares: ShareRecords;
}

const usesShown = 200;

export function createSharing(desk: ShareDesk): Sharing {
  const { shares, clock } = desk;
  return {
    dataSets: (reader) => shares.dataSets(reader.scope),
    offer: async (reader, wanted, key) =>
      made(await shares.addDataSet(reader.scope, reader, { id: `ds-${uuidv7()}`, ...wanted }, key)),
    async retire(reader, id, version) {
      const done = await shares.retireDataSet(reader.scope, id, version, clock.now());
      if (done === null) return no('not-found');
      return done === 'version' ? no('version') : said(done);
    },
    requests: (reader) => shares.requests(reader.scope),
    ask: async (reader, wanted, key) =>
      made(await shares.addRequest(reader.scope, reader, { id: `sr-${uuidv7()}`, ...wanted }, key)),
    decide: (reader, id, version, decision) => decide(desk, reader, id, version, decision),
    rows: (reader, id, after) => rows(desk, reader, id, after),
    uses: async (reader, id) => ((await shares.request(reader.scope, id)) === null ? null : shares.uses(id, usesShown)),
  };
}

function made<T>(done: Made<T>): Said<T> {
  return typeof done === 'string' ? no(done) : said(done.value, done.repeated);
}

async function decide(
  { shares, clock }: ShareDesk,
  reader: Reader,
  id: string,
  version: number,
  decision: Decision,
): Promise<Said<ShareRequest>> {
  const request = await shares.request(reader.scope, id);
  if (request === null) return no('not-found');
  if (request.requestedBy === reader.id && decision.to !== 'ended') {
    return no('not-yours', { zh: '申请要由另一个人审批。', en: 'A request is decided by somebody else than who made it.' });
  }
  const at = clock.now();
  if (decision.to === 'approved' && (decision.untilAt === null || decision.untilAt <= at)) {
    return no('wrong-state', {
      zh: '批准要写明到期时间，且在将来。',
      en: 'An approval names the day it ends, and that day is to come.',
    });
  }
  const from: readonly ShareRequest['state'][] = decision.to === 'ended' ? ['requested', 'approved'] : ['requested'];
  const done = await shares.decide(id, version, from, decision, reader.id, at);
  const now = await shares.request(reader.scope, id);
  if (now === null) return no('not-found');
  const { area: _area, offered: _offered, retired: _retired, ...view } = now;
  return done ? said(view) : { ok: false, code: 'version', current: view };
}

async function rows(desk: ShareDesk, reader: Reader, id: string, after: string | undefined): Promise<Said<SharedRows>> {
  const { shares, clock } = desk;
  const request = await shares.request(reader.scope, id);
  if (request === null) return no('not-found');
  const at = clock.now();
  if (request.state !== 'approved' || request.retired || (request.untilAt ?? 0) <= at) {
    return no('wrong-state', {
      zh: '这份共享没有批准或已到期，请重新申请。',
      en: 'This was not agreed to, or its time is over; ask again.',
    });
  }
  const fields = request.fields.filter((field) => request.offered.includes(field));
  const page = await desk.records.find(reader.scope, { area: request.area, current: true, after, limit: limits.pageSize });
  await shares.noteUse(id, { by: reader.id, fields, people: page.items.length, at });
  const year = yearOf(desk);
  return said({
    fields,
    rows: page.items.map((person) => fields.map((field) => valueOf(desk, person, field, year))),
    next: page.next,
  });
}

function valueOf({ sealer }: PeopleDesk, person: FoundPerson, field: ShareField, year: number): string | number | null {
  const [place] = person.places;
  const values: { readonly [K in ShareField]: () => string | number | null } = {
    place: () => place?.label ?? null,
    name: () => openName(sealer, person),
    phone: () => openText(sealer, person, 'phone'),
    sex: () => person.sex,
    age: () => (person.birthYear === null ? null : Math.max(0, year - person.birthYear)),
    role: () => (place ? occupancyRoles[place.role].zh : null),
    tags: () => person.tags.map((tag: Tag) => tags[tag].zh).join('、'),
    needs: () =>
      openNeeds(sealer, person)
        .map((need: Need) => needs[need].zh)
        .join('、'),
  };
  return values[field]();
}
