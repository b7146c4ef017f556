import { readFileSync } from 'node:fs';
import type { CallPerson } from '@yihu/device-profiles/vocabulary/call.ts';
import type { RollCall } from '@yihu/device-profiles/vocabulary/incident-desk.ts';
import type { PersonDetail } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import type { TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import type { Session } from '@yihu/device-profiles/vocabulary/view.ts';
import type { Page, Route } from 'playwright-core';
import { answerPage, answerProblem, answerStyle } from '../../cloud/web/answer-page.ts';
import { errandPage } from '../../cloud/web/errand-page.ts';
import type { HomeView, Sos } from '../../cloud/residents.ts';
import {
  homePage,
  noticeReadPage,
  type Reading,
  reportedPage,
  reportPage,
  residentProblem,
  residentStyle,
  sosAskPage,
  sosPage,
} from '../../cloud/web/resident-page.ts';
import { corridor, mosaicJpeg } from '../../gateway/simulate/jpeg.ts';

/** The pages people hold in their hand, in every state, with made-up answers of the cloud: for the pictures. */
export interface HandState {
  readonly name: string;
  readonly path: string;
  /** What the cloud answers, by the beginning of the path; a status alone is a refusal. */
  readonly answers?: Readonly<Record<string, unknown>>;
  readonly page?: (language: 'zh' | 'en') => string;
  readonly act?: (page: Page) => Promise<void>;
  readonly ready: string;
}

const now = Date.now();
const session: Session = {
  user: { id: 'u-1', account: 'wangge1', name: '李强' },
  grants: [{ area: 'xingfu/xfl/g1', areaName: '第一网格', role: 'grid-worker' }],
  csrf: 'x',
  expiresAt: now + 3_600_000,
};
const home = 'xingfu/xfl/g1/9/502';

function task(some: Partial<TaskSummary>): TaskSummary {
  return {
    id: 'task-1',
    kind: 'visit',
    state: 'offered',
    title: { zh: '随手报 R20261129-01：漏水', en: 'Report R20261129-01: Water leaks' },
    note: '厨房下水管漏水，地上都是水',
    area: home,
    areaName: '502',
    place: '幸福里 9栋502',
    position: null,
    source: { kind: 'report', id: 'report-1' },
    incident: null,
    person: 'u-1',
    personName: '李强',
    offeredUntil: now + 3_000_000,
    dueAt: null,
    createdAt: now,
    createdByName: '',
    updatedAt: now,
    trouble: null,
    checked: false,
    checks: [],
    legs: [],
    photos: [{ id: 'pho-1', at: now, takenAt: null, byName: '幸福里 9栋502', bytes: 90_000 }],
    version: 1,
    ...some,
  };
}

const person: PersonDetail = {
  id: 'p-1',
  name: '王建国',
  sex: 'm',
  age: 81,
  phone: '138****0001',
  idNumber: null,
  places: [{ area: home, label: '幸福里 9栋502', role: 'owner', current: true }],
  tags: [],
  version: 1,
  idKind: null,
  contact: { name: '王*', phone: '139****0002', relation: '子女' },
  needs: ['alone'],
  occupancies: [],
  origins: [{ field: 'phone', source: 'property', basis: 'contract', form: null, import: null, by: 'u-2', at: now - 86_400_000 }],
  changes: [],
  reveals: 0,
};
const asked: CallPerson = {
  person: 'p-1',
  name: '王建国',
  area: home,
  label: '幸福里 9栋502',
  vulnerable: true,
  answer: 'none',
  account: 'open',
  reason: null,
  via: null,
  byName: null,
  answeredAt: null,
  step: 3,
  delivery: 'nobody',
  words: null,
  history: [],
};
const rollCall: RollCall = {
  id: 'roll-1',
  incident: 'i-1',
  at: now,
  byName: '王芳',
  answerBy: now + 60_000,
  people: [{ person: 'u-1', name: '李强', state: 'asked', at: null, note: null }],
};

const usual = {
  '/api/session': session,
  '/api/me/tasks': [] as TaskSummary[],
  '/api/me/duty': { onDuty: true },
  '/api/me/roll-calls': [] as RollCall[],
  '/api/people?': { items: [person], total: 1, next: null },
  '/api/people/': person,
  '/api/calls/': { items: [asked], total: 1, next: null },
  '/api/push-key': { publicKey: null },
  '/api/me/place': { kept: true },
};
const own = (name: string, tasks: TaskSummary[], some: Partial<HandState> = {}): HandState => ({
  name: `phone-${name}`,
  path: '/phone/',
  ready: '.task',
  ...some,
  answers: { '/api/me/tasks': tasks, ...some.answers },
});
const onScene = task({ state: 'on-scene', offeredUntil: null });
const patrol = task({
  kind: 'patrol',
  state: 'on-scene',
  title: { zh: '楼道巡查', en: 'Patrol' },
  note: null,
  photos: [],
  checks: ['一楼', '二楼'].map((name, nth) => ({
    id: `c${nth}`,
    name,
    state: nth === 0 ? 'fine' : 'pending',
    at: null,
    note: null,
  })),
});
const knock = task({ kind: 'door-knock', state: 'accepted', source: { kind: 'call', id: 'call-1' }, note: null, photos: [] });
knock.title = { zh: '敲门核实：幸福里 9栋502', en: 'Knock at the door: 幸福里 9栋502' };

export const phoneStates: HandState[] = [
  own('empty', [], { ready: '.no-task' }),
  own('offered', [task({})]),
  own('photos', [onScene], { act: (page) => page.click('.photos summary'), ready: '.photos img' }),
  own('more', [onScene], { act: (page) => page.locator('.steps .more summary').click(), ready: '[data-camera=photo]' }),
  own('patrol', [patrol], { act: (page) => page.locator('[data-check=trouble]').nth(1).click(), ready: '[data-wrong]' }),
  own('why-not', [task({})], { act: (page) => page.click('[data-step=decline]'), ready: '[data-reason]' }),
  own('door', [knock], { ready: '[data-found]' }),
  own('visit', [onScene], { act: (page) => page.click('[data-visit]'), ready: '.visit' }),
  own('roll-call', [onScene], { answers: { '/api/me/roll-calls': [rollCall] }, ready: '.roll-call' }),
  own('offline', [onScene], {
    act: async (page) => {
      await page.locator('.task').waitFor();
      await page.context().setOffline(true);
      await page.route('**/api/**', (route) => route.abort());
      await page.click('[data-step=finish]');
    },
    ready: '.stale-banner',
  }),
  own('refused', [task({})], {
    answers: { '/api/me/tasks/task-1/moves': 409 },
    act: (page) => page.click('[data-step=accept]'),
    ready: '.refused-step',
  }),
  own('large', [task({})], { act: (page) => page.locator('.phone-bottom [aria-pressed=false]').first().click(), ready: '.task' }),
];

const view: HomeView = {
  label: '幸福里 9栋502',
  notices: [
    { id: 'n-1', title: '停水通知', text: '明天 9–12 点停水，请存水。', at: now, readAt: null },
    { id: 'n-2', title: '燃气安检', text: '本周安检。', at: now - 86_400_000, readAt: now },
  ],
  calls: [],
  reports: [
    {
      number: 'R20261129-01',
      kind: 'leak',
      text: '厨房漏水',
      place: '幸福里 9栋502',
      hasPhoto: true,
      at: now,
      state: 'en-route',
      updatedAt: now,
    },
  ],
  sos: null,
};
const call = {
  nth: 1,
  kind: 'actual' as const,
  title: '火警，请撤离',
  text: '3栋火警，请走楼梯到东门广场。',
  at: now,
  silent: 2,
  answer: 'none' as const,
};
const sos = (state: Sos['state']): Sos => ({
  id: 'sos-1',
  area: home,
  state,
  at: now,
  dueAt: now + 8_000,
  located: state === 'sent',
});
const reading = (language: 'zh' | 'en', large = false): Reading => ({ token: 'AAAAAAAAAAAAAAAAAAAAAA', language, large });
const resident = (name: string, page: HandState['page']): HandState => ({
  name: `home-${name}`,
  path: '/h/AAAAAAAAAAAAAAAAAAAAAA',
  ready: 'main',
  ...(page === undefined ? {} : { page }),
});
const answerView = { ...call, text: call.text, label: view.label, answeredAt: null, othersAtHome: 1, isOver: false };

const errand = {
  task: 'task-1',
  title: { zh: '走访独居老人', en: 'Visit somebody who lives alone' },
  place: '幸福里 3栋2单元502',
  person: 'p-liu',
  personName: '刘洋',
  offeredUntil: now + 60_000,
  timeZone: 'Asia/Shanghai',
};

export const residentStates: HandState[] = [
  resident('first', (language) => homePage(reading(language), view, { sos: 'key-0001' })),
  resident('first-large', (language) => homePage(reading(language, true), view, { sos: 'key-0001' })),
  resident('empty', (language) => homePage(reading(language), { ...view, notices: [], reports: [] }, { sos: 'key-0001' })),
  resident('call', (language) =>
    homePage(reading(language), { ...view, calls: [{ ...call, answerPath: '/a/x' }], sos: sos('sent') }, { sos: 'key-0001' }),
  ),
  resident('report', (language) => reportPage(reading(language), view.label, 'key-0001')),
  resident('report-refused', (language) =>
    reportPage(reading(language), view.label, 'key-0001', { kind: 'leak', place: 'home', text: '漏水', problem: 'badPhoto' }),
  ),
  resident('reported', (language) => {
    const [report] = view.reports;
    return report === undefined ? '' : reportedPage(reading(language), view.label, report);
  }),
  resident('notice', (language) => {
    const [notice] = view.notices;
    return notice === undefined ? '' : noticeReadPage(reading(language), notice);
  }),
  resident('sos-ask', (language) => sosAskPage(reading(language), view.label, 'key-0001')),
  ...(['pending', 'sent', 'undone', 'safe'] as const).map((state) =>
    resident(`sos-${state}`, (language) => sosPage(reading(language), view.label, sos(state), now)),
  ),
  resident('unknown', (language) => residentProblem(reading(language))),
  resident('answer', () => answerPage(answerView, 'key-0001')),
  resident('answer-given', () => answerPage({ ...answerView, answer: 'help', answeredAt: now }, 'key-0001')),
  resident('link-unknown', () => answerProblem('链接不完整，或已过 24 小时。', 'It is not whole, or older than 24 hours.')),
  ...(['offered', 'accepted', 'expired'] as const).map((state) =>
    resident(`errand-${state}`, () => errandPage({ ...errand, state }, 'key-0001')),
  ),
];

const pageScript = readFileSync(new URL('../../cloud/web/resident-page.js', import.meta.url), 'utf8');

/** Makes the page hear what the state says and nothing of a cloud. */
export async function giveAnswers(page: Page, state: HandState, language: 'zh' | 'en'): Promise<void> {
  if (state.page !== undefined) {
    const body = state.page(language);
    await page.route('**/h/*', (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body }));
    await page.route('**/a/style.css', (route) => route.fulfill({ contentType: 'text/css', body: answerStyle }));
    await page.route('**/h/style.css', (route) => route.fulfill({ contentType: 'text/css', body: answerStyle + residentStyle }));
    await page.route('**/h/page.js', (route) => route.fulfill({ contentType: 'text/javascript', body: pageScript }));
    return;
  }
  const known = Object.entries({ ...usual, ...state.answers }).toSorted(([a], [b]) => b.length - a.length);
  await page.route('**/api/**', (route) => answerOne(route, known));
}

function answerOne(route: Route, known: readonly (readonly [string, unknown])[]): Promise<void> {
  const { pathname, search } = new URL(route.request().url());
  if (pathname.startsWith('/api/photos/')) {
    const body = mosaicJpeg({ columns: 80, rows: 60 }, corridor(80, 60, 0));
    return route.fulfill({ contentType: 'image/jpeg', body });
  }
  const [, answer] = known.find(([path]) => `${pathname}${search}`.startsWith(path)) ?? ['', {}];
  if (typeof answer !== 'number') return route.fulfill({ json: answer });
  const message = { zh: '任务已取消，不能做这一步', en: 'The task is called off; this step is not open from there' };
  return route.fulfill({ status: answer, json: { code: 'not-allowed', message } });
}
