import type { HouseholdLink, Notice, NoticeDetail, NoticeHome, NoticeReach } from '@yihu/device-profiles/vocabulary/resident.ts';
import type { AnswerTokens } from './call/token.ts';
import type { Desk } from './records/commands.ts';
import { type Household, linkHome, readHousehold } from './records/households.ts';
import { callsOf, type HomeCall } from './records/household-calls.ts';
import {
  type HomeNotice,
  listNotices,
  noticeDetail,
  type NoticeDraft,
  noticeHomes,
  noticeReach,
  noticesOf,
  putNotice,
  receiveNotice,
  withdrawNotice,
} from './records/notices.ts';
import type { Actor, Scope } from './records/records.ts';
import { addReport, type HomeReport, type ReportDraft, reportsOf } from './records/resident-reports.ts';
import { lastSos, placeSos, pressSos, readSos, type Sos, takeBackSos } from './records/resident-sos.ts';
import { inTransaction } from './records/retry.ts';

const dayMs = 24 * 3_600_000;

export type { HomeCall } from './records/household-calls.ts';
export type { HomeNotice, NoticeDraft } from './records/notices.ts';
export type { HomeReport, ReportDraft } from './records/resident-reports.ts';
export type { Sos } from './records/resident-sos.ts';

/** Everything a home's first page shows. */
export interface HomeView {
  readonly label: string;
  readonly notices: readonly HomeNotice[];
  readonly calls: readonly (HomeCall & { readonly answerPath: string })[];
  readonly reports: readonly HomeReport[];
  /** One that was pressed within the hour. */
  readonly sos: Sos | null;
}

export interface ResidentsOptions {
  readonly desk: Desk;
  /** Signs the links of homes, and those by which a call is answered. */
  readonly homes: AnswerTokens;
  readonly answers: AnswerTokens;
}

/** What the pages may ask of homes and their links. */
export type Residents = ReturnType<typeof createResidents>;

export function createResidents({ desk, homes, answers }: ResidentsOptions) {
  const { db } = desk.database;
  const { clock, rules } = desk;
  const at = () => clock.now();
  /** One act by a link, alone of its home; null where the link is none of ours or is replaced. */
  const asHome = async <T>(token: string, act: (trx: typeof db, home: Household) => Promise<T>): Promise<T | null> => {
    const nth = homes.read(token);
    if (nth === null) return null;
    return inTransaction(db, async (trx) => {
      const home = await readHousehold(trx, nth, true);
      return home && act(trx, home);
    });
  };
  const look = async <T>(token: string, see: (home: Household) => Promise<T>): Promise<T | null> => {
    const nth = homes.read(token);
    const home = nth === null ? null : await readHousehold(db, nth);
    return home && see(home);
  };
  return {
    isToken: (token: string): boolean => homes.read(token) !== null,
    view: (token: string): Promise<HomeView | null> =>
      look(token, async (home) => ({
        label: home.label,
        notices: await noticesOf(db, home, at()),
        calls: (await callsOf(db, home, at())).map((call) => ({ ...call, answerPath: `/a/${answers.sign(call.nth)}` })),
        reports: await reportsOf(db, home, at() - 30 * dayMs),
        sos: await lastSos(db, home, at() - dayMs / 24),
      })),
    report: (token: string, draft: ReportDraft): Promise<{ number: string | null } | null> =>
      asHome(token, async (trx, home) => ({ number: await addReport(trx, rules, home, draft, at()) })),
    receive: (token: string, notice: string): Promise<boolean | null> =>
      asHome(token, (trx, home) => receiveNotice(trx, home, notice, at())),
    pressSos: (token: string, key: string): Promise<string | null> =>
      asHome(token, (trx, home) => pressSos(trx, home, key, at())),
    sos: (token: string, id: string): Promise<{ label: string; sos: Sos | null } | null> =>
      look(token, async (home) => ({ label: home.label, sos: await readSos(db, home, id) })),
    takeBackSos: (token: string, id: string): Promise<Sos | null> =>
      asHome(token, (trx, home) => takeBackSos(trx, rules, home, id, at())),
    placeSos: (token: string, id: string, place: { lon: number; lat: number; accuracyM: number }): Promise<boolean | null> =>
      asHome(token, (trx, home) => placeSos(trx, rules, home, { id, ...place }, at())),

    /** For whoever hands the link out: `base` is where residents reach this cloud. */
    async link(
      scope: Scope,
      actor: Actor,
      wanted: { area: string; renew: boolean },
      base: string,
    ): Promise<HouseholdLink | null> {
      const made = await inTransaction(db, (trx) => linkHome(trx, scope, actor, { ...wanted, at: at() }));
      if (made === null) return null;
      const { nth, ...link } = made;
      return { ...link, url: `${base}/h/${homes.sign(nth)}` };
    },
    notices: (scope: Scope): Promise<readonly Notice[]> => listNotices(db, scope),
    putNotice: (scope: Scope, actor: Actor, draft: NoticeDraft) =>
      inTransaction(db, (trx) => putNotice(trx, scope, actor, draft, at())),
    notice: (scope: Scope, id: string): Promise<NoticeDetail | null> => noticeDetail(db, scope, id),
    noticeHomes: (scope: Scope, id: string, building: string): Promise<NoticeHome[] | null> =>
      noticeHomes(db, scope, id, building),
    noticeReach: (scope: Scope, area: string): Promise<NoticeReach | null> => noticeReach(db, scope, area),
    withdrawNotice: (scope: Scope, actor: Actor, id: string): Promise<Notice | null> =>
      inTransaction(db, (trx) => withdrawNotice(trx, scope, actor, id, at())),
  };
}
