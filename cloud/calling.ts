import type { CallDoor, CallNeed, CallPerson } from '@yihu/device-profiles/vocabulary/call.ts';
import type {
  CallAudience,
  CallDetail,
  CallPreview,
  CallTemplate,
  CallWaits,
} from '@yihu/device-profiles/vocabulary/call-plan.ts';
import { namedAreas } from './call/audience.ts';
import { draftWords, type OwnWords } from './call/draft-words.ts';
import { gather } from './call/gather.ts';
import { needsSecond } from './call/life.ts';
import { usualWaits, waitsProblem } from './call/silent.ts';
import type { AnswerTokens } from './call/token.ts';
import { marked, templateProblem } from './call/words.ts';
import { areAllSeen, type AudienceFigures, figuresOf } from './records/call-audience.ts';
import { type AnswerOutcome, type GivenAnswer, takeAnswers } from './records/call-answers.ts';
import { type CallDone, type CallDraft, changeCall, createCall, pressCall, type PressedMove } from './records/call-moves.ts';
import {
  answerFacts,
  callDoors,
  callNeeds,
  callPeople,
  type CallPeopleFilter,
  callPoints,
  countHeads,
} from './records/call-people.ts';
import { type CallFilter, listCalls, readCall } from './records/call-questions.ts';
import { callReport } from './records/call-report.ts';
import { takeReply } from './records/call-replies.ts';
import { moveNeed, staffAnswers, type StaffResult } from './records/call-staff.ts';
import { areaCounts } from './records/call-tally.ts';
import { listTemplates, putTemplate, readTemplate } from './records/call-templates.ts';
import type { CallDesk } from './records/call-waves.ts';
import type { Actor, Scope } from './records/records.ts';
import { inTransaction } from './records/retry.ts';
import type { Reply } from './notify/action.ts';
import { mayKnowNeeds, nameFor, type Reach } from './registry/reach.ts';
import type { Reader } from './registry/reader.ts';

export interface CallingOptions {
  readonly desk: CallDesk;
  readonly reach: Reach;
  readonly tokens: AnswerTokens;
  /** Channels that reach a person by telephone, in the order of the file. */
  readonly phoneChannels: readonly string[];
}

export type { CallDone, CallDraft } from './records/call-moves.ts';

/** What the pages may ask of calls. */
export type Calling = ReturnType<typeof createCalling>;

interface Pressing {
  readonly scope: Scope;
  readonly actor: Actor;
  readonly key: string;
}

/** Answers written in one transaction at most. */
const answersAtOnce = 200;
const unreachableShown = 200;

export function createCalling({ desk, reach, tokens, phoneChannels }: CallingOptions) {
  const { db } = desk.database;
  const { clock, ways, rules } = desk;
  const at = () => clock.now();
  const take = gather(
    (batch: readonly GivenAnswer[]) => inTransaction(db, (trx) => takeAnswers(trx, ways, batch, at())),
    answersAtOnce,
  );
  return {
    templates: () => listTemplates(db),
    templateProblem,
    putTemplate: (template: Omit<CallTemplate, 'placeholders' | 'at' | 'by'>, by: string) =>
      inTransaction(db, (trx) => putTemplate(trx, template, by, at())),

    /** What a draft says, or the field that is wrong. */
    async words(wanted: { id: string; values: Readonly<Record<string, string>> } | null, own: OwnWords) {
      const template = wanted === null ? null : await readTemplate(db, wanted.id);
      if (wanted !== null && template === null) return { issue: { path: '/template/id', message: 'is no template' } };
      return draftWords(template, wanted?.values ?? {}, own);
    },
    usualWaits: (lifeSafety: boolean): CallWaits => (lifeSafety ? usualWaits.lifeSafety : usualWaits.other),
    waitsProblem,

    /** Null where an area it names is not there or not the reader's. */
    async preview(reader: Reader, audience: CallAudience): Promise<CallPreview | null> {
      if (!(await areAllSeen(db, reader.scope, namedAreas(audience)))) return null;
      return shownPreview(reader, await figuresOf(db, audience, unreachableShown));
    },
    list: (scope: Scope, filter: CallFilter) => listCalls(db, scope, filter),
    detail: (scope: Scope, id: string, actor: string) => readCall(db, scope, id, actor),
    create: (pressing: Pressing, draft: CallDraft): Promise<CallDone> =>
      inTransaction(db, (trx) => createCall(trx, { ...pressing, at: at() }, draft, rules.timeZone)),
    change: (pressing: Omit<Pressing, 'key'>, wanted: { id: string; version: number; draft: CallDraft }): Promise<CallDone> =>
      inTransaction(db, (trx) => changeCall(trx, { ...pressing, at: at() }, wanted)),
    press: (pressing: Pressing, move: PressedMove): Promise<CallDone> =>
      inTransaction(db, (trx) => pressCall(trx, { ...pressing, at: at() }, move)),

    counts: (scope: Scope, id: string) => areaCounts(db, id, scope),
    async people(reader: Reader, id: string, filter: CallPeopleFilter) {
      const page = await callPeople(db, reader.scope, id, filter);
      const names = await reach(page.items.map(({ person }) => person));
      const items = page.items.map((one): CallPerson => ({
        ...one,
        name: nameFor(reader, one.area, names.get(one.person)?.name ?? ''),
        vulnerable: mayKnowNeeds(reader, one.area) ? one.vulnerable : null,
      }));
      return { ...page, items };
    },
    async needs(scope: Scope, id: string): Promise<CallNeed[]> {
      const needs = await callNeeds(db, scope, id);
      const names = await reach(needs.flatMap(({ person, volunteers }) => [person, ...volunteers.map((one) => one.person)]));
      const named = <T extends { readonly person: string }>(one: T) => ({
        ...one,
        name: '',
        phone: null,
        ...names.get(one.person),
      });
      return needs.map((need) => ({ ...named(need), volunteers: need.volunteers.map(named) }));
    },
    async doors(reader: Reader, id: string): Promise<CallDoor[]> {
      const doors = await callDoors(db, reader.scope, id);
      const names = await reach(doors.flatMap(({ people }) => people.map(({ person }) => person)));
      const named = (area: string) => (one: (typeof doors)[number]['people'][number]) => ({
        ...one,
        name: nameFor(reader, area, names.get(one.person)?.name ?? ''),
      });
      return doors.map((door) => ({ ...door, people: door.people.map(named(door.area)) }));
    },
    points: (id: string) => callPoints(db, id),
    report: (scope: Scope, call: CallDetail) => callReport(db, scope, call, at()),
    staffAnswers: (pressing: Pressing, given: { call: string; where: 'phone' | 'door'; results: readonly StaffResult[] }) =>
      inTransaction(db, (trx) => staffAnswers(trx, ways, { ...pressing, at: at() }, given)),
    moveNeed: (pressing: Pressing, given: { call: string; need: string; move: 'take' | 'done'; outcome: string | null }) =>
      inTransaction(db, (trx) => moveNeed(trx, { ...pressing, at: at() }, given)),
    countHeads: (pressing: Pressing, given: { call: string; name: string; counted: number; note: string | null }) =>
      inTransaction(db, (trx) => countHeads(trx, { ...pressing, at: at() }, given)),

    isToken: (token: string): boolean => tokens.read(token) !== null,
    /** What stands on the page behind a link; null where the link is none of ours. */
    async answerPage(token: string) {
      const nth = tokens.read(token);
      const facts = nth === null ? null : await answerFacts(db, nth, at());
      return facts && { ...facts, title: marked(facts.kind, facts.title), text: marked(facts.kind, facts.text) };
    },
    /** Resolves when the answer is kept. */
    async answer(
      token: string,
      answer: Pick<GivenAnswer, 'answer' | 'household' | 'people' | 'note' | 'key'>,
    ): Promise<AnswerOutcome> {
      const nth = tokens.read(token);
      if (nth === null) return 'unknown';
      return take({ ...answer, nth, via: 'link', by: 'self', byId: null, byName: null });
    },
    reply: (channel: string, via: 'sms' | 'voice', { from, text, providerId }: Reply): Promise<void> =>
      inTransaction(db, (trx) => takeReply(trx, ways, { channel, via, phone: reach.phoneIndexOf(from), providerId, text }, at())),
  };

  async function shownPreview(reader: Reader, figures: AudienceFigures): Promise<CallPreview> {
    const { people, households, grids, vulnerable, area, phones, without } = figures;
    const names = await reach(without.map(({ person }) => person));
    const reached = phoneChannels.length > 0 ? phones : { people: 0, households: 0 };
    return {
      people,
      households,
      grids,
      vulnerable,
      area,
      channels: phoneChannels.map((channel) => ({ channel, ...phones })),
      unreachable: {
        people: people - reached.people,
        households: households - reached.households,
        list: without.map(({ person, area: home, label }) => ({
          person,
          name: nameFor(reader, home, names.get(person)?.name ?? ''),
          label,
        })),
      },
      needsSecond: needsSecond(grids),
    };
  }
}
