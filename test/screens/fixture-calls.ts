import type {
  CallAreaCount,
  CallCount,
  CallDelivery,
  CallNeed,
  CallPerson,
  CallPress,
  CallState,
} from '@yihu/device-profiles/vocabulary/call.ts';
import type { CallAudience, CallDetail, CallPreview, CallTemplate } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import type { TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import type { AreaBranch, AreaPage } from '@yihu/device-profiles/vocabulary/registry-area.ts';
import { builtIn } from '../../cloud/call/templates.ts';
import { callLife, presses, whyNot } from '../../cloud/call/life.ts';
import { marked, placeholdersOf } from '../../cloud/call/words.ts';
import type { Answer, World } from './fixture-api.ts';
import { areasOf } from './fixture-site.ts';

/** Calls as the cloud has them, with its own tables for what is allowed, over a made-up town of 62 people to a building. */
const minute = 60_000;
const perBuilding = { people: 62, households: 24 };

export const noCount: CallCount = {
  people: 0,
  safe: 0,
  volunteers: 0,
  help: 0,
  away: 0,
  refused: 0,
  silent: 0,
  unreachable: 0,
  vulnerableSilent: 0,
  households: 0,
  householdsDone: 0,
  householdsHelp: 0,
};
const noDelivery: CallDelivery = { unsent: 0, queued: 0, sent: 0, delivered: 0, read: 0, failed: 0, nobody: 0 };

export interface FixtureCall {
  detail: CallDetail;
  author: string;
  areas: CallAreaCount[];
  needs: CallNeed[];
  people: CallPerson[];
  tasks: TaskSummary[];
}

export const templates: CallTemplate[] = builtIn.map((one) => ({
  ...one,
  version: 1,
  placeholders: placeholdersOf(one.text),
  retired: false,
  by: '系统',
  at: 0,
}));

function buildingsIn(world: World, { areas }: CallAudience): string[] {
  const all = areasOf(world.devices).filter(({ kind }) => kind === 'building');
  return all
    .filter(({ path }) => areas.some((area) => path === area || path.startsWith(`${area}/`) || area.startsWith(`${path}/`)))
    .map(({ path }) => path);
}

export function previewOf(world: World, audience: CallAudience): CallPreview {
  const found = buildingsIn(world, audience);
  const some = audience.tags.length > 0 || audience.roles.length > 0;
  const part = (whole: number) => (audience.areas.every((area) => area.split('/').length > 4) ? Math.round(whole / 3) : whole);
  const people = some ? found.length * 2 : part(found.length * perBuilding.people);
  const grids = new Set(found.map((path) => path.split('/').slice(0, 3).join('/'))).size;
  const households = Math.min(people, part(found.length * perBuilding.households));
  return {
    people,
    households,
    grids,
    vulnerable: found.length * 4,
    area: audience.areas[0] ?? '',
    channels: [
      { channel: 'sms', people: people - found.length, households },
      { channel: 'voice', people: found.length * 7, households: found.length * 6 },
    ],
    unreachable: {
      people: found.length,
      households: found.length,
      list: found
        .slice(0, 4)
        .map((path, nth) => ({ person: `x${nth}`, name: '钱*', label: `${path.split('/').at(-1) ?? ''}栋 301` })),
    },
    needsSecond: grids > 1,
  };
}

const hash = (nth: number) => String(nth).padStart(64, '0');

function movesOf(call: FixtureCall['detail'], author: string, me: string): CallDetail['moves'] {
  const facts = {
    state: call.state,
    kind: call.kind,
    version: call.version,
    author,
    submitter: author,
    grids: 2,
    people: call.count.people,
    silent: call.count.silent,
  };
  return presses.map((move) => {
    const why = whyNot(facts, move, me);
    return { move, allowed: why === null, why: why?.message ?? null };
  });
}

/** A call of the fixture as this person sees it. */
export function seen(world: World, { detail, author }: FixtureCall): CallDetail {
  return { ...detail, moves: movesOf(detail, author, world.me) };
}

interface Made {
  id: string;
  kind?: CallDetail['kind'];
  state: CallState;
  author?: [string, string];
  template?: string;
  title?: string;
  text?: string;
  audience: CallAudience;
  incident?: string | null;
  supersedes?: string | null;
}

export function makeCall(world: World, made: Made): FixtureCall {
  const template = templates.find(({ id }) => id === made.template);
  const { kind = 'actual', author = ['u-wang', '王芳'] } = made;
  const preview = previewOf(world, made.audience);
  const area = areasOf(world.devices).find(({ path }) => path === made.audience.areas[0]);
  const detail: CallDetail = {
    id: made.id,
    number: `H20261123-0${world.calls.size + 1}`,
    kind,
    lifeSafety: template?.lifeSafety ?? true,
    title: made.title ?? template?.title ?? '',
    text: marked(kind, made.text ?? template?.text ?? ''),
    area: area?.path ?? '',
    areaName: areaNameOf(world, made.audience.areas[0] ?? ''),
    state: made.state,
    startsAt: null,
    begunAt: null,
    sentAt: null,
    endedAt: null,
    authorName: author[1],
    approverName: null,
    incident: made.incident ?? null,
    supersedes: made.supersedes ?? null,
    supersededBy: null,
    count: { ...noCount, people: preview.people, silent: preview.people, households: preview.households },
    delivery: { ...noDelivery, unsent: preview.people },
    createdAt: world.now - 5 * minute,
    updatedAt: world.now - 5 * minute,
    version: 1,
    template: template === undefined ? null : { id: template.id, version: 1 },
    audience: made.audience,
    waits: { againMs: 2 * minute, headMs: 5 * minute, doorMs: 10 * minute },
    reason: null,
    moves: [],
    timeline: [
      {
        seq: 1,
        at: world.now,
        edgeAt: null,
        kind: 'state',
        actor: author[0],
        actorName: author[1],
        text: { zh: '拟定呼叫', en: 'Drafted' },
        data: {},
        hash: hash(1),
      },
    ],
  };
  const call: FixtureCall = { detail, author: author[0], areas: [], needs: [], people: [], tasks: [] };
  world.calls.set(made.id, call);
  return call;
}

function areaNameOf(world: World, path: string): string {
  const names = new Map(areasOf(world.devices).map((one) => [one.path, one.name]));
  const steps = path.split('/');
  return (
    steps
      .map((_, nth) => names.get(steps.slice(0, nth + 1).join('/')) ?? '')
      .slice(1)
      .join(' ') ||
    (names.get(path) ?? '')
  );
}

export function audience(...areas: string[]): CallAudience {
  return { areas, outline: null, tags: [], roles: [], except: { areas: [], people: [] } };
}

/** Sends what the call is to be after the press, so that every desk hears of it. */
export function publishCall(world: World, call: FixtureCall): void {
  const { audience: _a, waits: _w, reason: _r, moves: _m, timeline: _t, template: _p, ...summary } = call.detail;
  world.events.push({ type: 'call', at: Date.now(), call: summary });
}

const share = (of: number, part: number) => Math.round(of * part);

/** A call of two buildings half answered: some safe, two who need help, the rest silent. */
export function answered(world: World, call: FixtureCall): void {
  const { detail } = call;
  const rows = areasOf(world.devices).filter(({ path }) =>
    buildingsIn(world, detail.audience).some((building) => building === path || building.startsWith(`${path}/`)),
  );
  const countOf = (people: number, households: number, help: number): CallCount => ({
    ...noCount,
    people,
    households,
    safe: share(people, 0.66),
    volunteers: help > 0 ? 1 : 0,
    help,
    away: share(people, 0.06),
    silent: people - share(people, 0.66) - help - share(people, 0.06),
    vulnerableSilent: share(people, 0.03),
    householdsDone: share(households, 0.7),
    householdsHelp: help,
  });
  const inside = (path: string) =>
    buildingsIn(world, detail.audience).filter((one) => one === path || one.startsWith(`${path}/`));
  const helpAt = inside('')[0] ?? inside(detail.audience.areas[0] ?? '')[0] ?? '';
  call.areas = rows
    .filter(({ kind }) => kind === 'community' || kind === 'grid' || kind === 'building')
    .map(({ path, kind, name }) => {
      const many = inside(path).length;
      const help = helpAt === path || helpAt.startsWith(`${path}/`) ? 2 : 0;
      return { area: path, kind, name, count: countOf(many * perBuilding.people, many * perBuilding.households, help) };
    });
  const many = buildingsIn(world, detail.audience).length;
  const count = countOf(many * perBuilding.people, many * perBuilding.households, 2);
  const { people } = count;
  call.detail = {
    ...detail,
    state: 'sent',
    begunAt: world.now - 4 * minute,
    sentAt: world.now - 3 * minute,
    count,
    delivery: { ...noDelivery, read: share(people, 0.5), delivered: people - share(people, 0.5) - 5, failed: 3, nobody: 2 },
    version: detail.version + 2,
  };
  call.people = peopleIn(helpAt);
  call.needs = needsAt(world, detail.id, helpAt);
  call.tasks = call.needs.map((need, nth) => taskOf(world, need, nth));
}

function peopleIn(building: string): CallPerson[] {
  return Array.from({ length: 40 }, (_, nth): CallPerson => {
    const room = `${1 + (nth % 3)}/${100 * (1 + Math.floor(nth / 6)) + 1 + (nth % 2)}`;
    const answer = nth === 4 || nth === 21 ? 'help' : nth % 3 === 2 ? 'none' : 'safe';
    return {
      person: `r-${nth}`,
      name: ['王*', '李**', '赵*', '陈**'][nth % 4] ?? '王*',
      area: `${building}/${room}`,
      label: `幸福里 ${building.split('/').at(-1) ?? ''}-${room.replace('/', '-')}`,
      vulnerable: nth % 7 === 2,
      answer,
      account: answer === 'none' ? 'open' : 'answered',
      reason: null,
      via: answer === 'none' ? null : 'link',
      byName: null,
      answeredAt: null,
      step: nth % 4,
      delivery: nth === 11 ? 'failed' : 'delivered',
      words: nth === 14 ? '哪个楼？' : null,
      history: [],
    };
  });
}

function needsAt(world: World, call: string, building: string): CallNeed[] {
  const base = { call, byName: null, outcome: null, doneAt: null };
  return [
    {
      ...base,
      id: 'need-1',
      person: 'r-4',
      name: '张秀英',
      phone: '13800002231',
      area: `${building}/1/302`,
      label: `幸福里 ${building.split('/').at(-1) ?? ''}-1-302`,
      state: 'open',
      people: 2,
      note: '轮椅，下不了楼',
      at: world.now - 3 * minute,
      volunteers: [
        {
          person: 'r-7',
          name: '吴大勇',
          phone: '13700006612',
          area: `${building}/1/401`,
          label: `幸福里 ${building.split('/').at(-1) ?? ''}-1-401`,
          near: 'unit',
          note: '会抬担架',
        },
      ],
    },
    {
      ...base,
      id: 'need-2',
      person: 'r-21',
      name: '孙小妹',
      phone: '13900008870',
      area: `${building}/2/601`,
      label: `幸福里 ${building.split('/').at(-1) ?? ''}-2-601`,
      state: 'open',
      people: 1,
      note: '婴儿',
      at: world.now - 2 * minute,
      volunteers: [],
    },
  ];
}

function taskOf(world: World, need: CallNeed, nth: number): TaskSummary {
  return {
    id: `task-${need.id}`,
    kind: 'visit',
    state: nth === 0 ? 'offered' : 'created',
    title: { zh: `求助：${need.label}`, en: `Help is needed: ${need.label}` },
    note: need.note,
    area: need.area,
    areaName: need.label,
    place: need.label,
    position: null,
    source: { kind: 'call', id: need.call },
    incident: null,
    person: nth === 0 ? 'p-chen' : null,
    personName: nth === 0 ? '陈静' : null,
    offeredUntil: nth === 0 ? world.now + 40_000 : null,
    dueAt: null,
    createdAt: need.at,
    createdByName: '系统',
    updatedAt: need.at,
    trouble: nth === 0 ? null : { zh: '没有空闲的人', en: 'Nobody is free' },
    checked: false,
    checks: [],
    legs: [],
    version: 1,
  };
}

/** A drill of yesterday's kind that runs, and a call of another dispatcher that waits for a second person. */
export function someCalls(world: World): void {
  const drill = makeCall(world, {
    id: 'call-drill',
    kind: 'drill',
    state: 'draft',
    template: 'fire-leave',
    text: '幸福里 3栋发生火情。请不要乘电梯，捂住口鼻走楼梯，到中心花园集合。',
    audience: audience('xingfu/xfl/g1/3', 'xingfu/xfl/g1/4'),
    incident: 'i-fire',
  });
  answered(world, drill);
  makeCall(world, {
    id: 'call-waits',
    state: 'waiting',
    author: ['u-other', '周敏'],
    template: 'typhoon',
    text: '今晚八点起有大风暴雨，请收回阳台物品，地下车库车辆请于七点前驶离。',
    audience: audience('xingfu'),
  });
}

const problem = (status: number, code: string, zh: string, en: string): Answer => ({
  status,
  body: { code, message: { zh, en } },
});

interface CallBody {
  kind?: CallDetail['kind'];
  audience?: CallAudience;
  template?: { id: string; values: Record<string, string> } | null;
  title?: string;
  text?: string;
  incident?: string | null;
  supersedes?: string | null;
  move?: CallPress | 'take' | 'done';
  reason?: string;
  version?: number;
  outcome?: string | null;
  results?: { person: string; result: CallPerson['answer'] }[];
}

function create(world: World, body: CallBody): Answer {
  const template = templates.find(({ id }) => id === body.template?.id);
  const text = (body.text ?? template?.text ?? '').replaceAll(
    /\{([^{}]*)\}/g,
    (_, name: string) => body.template?.values[name] ?? '',
  );
  const call = makeCall(world, {
    id: `call-${world.calls.size + 1}`,
    kind: body.kind ?? 'actual',
    state: 'draft',
    author: [world.me, '王芳'],
    ...(template === undefined ? {} : { template: template.id }),
    title: body.title ?? template?.title ?? '',
    text,
    audience: body.audience ?? audience(),
    incident: body.incident ?? null,
    supersedes: body.supersedes ?? null,
  });
  return { status: 201, body: seen(world, call) };
}

function press(world: World, call: FixtureCall, body: CallBody): Answer {
  const move = body.move as CallPress;
  const { detail } = call;
  const refused = movesOf(detail, call.author, world.me).find((one) => one.move === move);
  if (refused?.allowed === false) return problem(409, 'not-allowed', refused.why?.zh ?? '', refused.why?.en ?? '');
  if (body.version !== detail.version) return problem(409, 'version-conflict', '别人刚刚改过', 'Somebody changed this');
  const second = previewOf(world, detail.audience).needsSecond;
  const state = move === 'submit' && !second ? 'scheduled' : callLife[move].to;
  const goes = state === 'scheduled';
  const approved = move === 'approve' ? { approverName: '王芳' } : {};
  call.detail = { ...detail, ...approved, state, version: detail.version + 1, reason: body.reason ?? detail.reason };
  if (goes) {
    if (detail.supersedes !== null) supersede(world, detail.supersedes, detail.id);
    answered(world, call);
  }
  publishCall(world, call);
  return { status: 200, body: seen(world, call) };
}

function supersede(world: World, id: string, by: string): void {
  const old = world.calls.get(id);
  if (old === undefined) return;
  old.detail = { ...old.detail, state: 'superseded', supersededBy: by, version: old.detail.version + 1 };
  publishCall(world, old);
}

function staffAnswers(world: World, call: FixtureCall, body: CallBody): Answer {
  const said = new Map((body.results ?? []).map(({ person, result }) => [person, result]));
  call.people = call.people.map((one) => {
    const answer = said.get(one.person);
    return answer === undefined ? one : { ...one, answer, account: 'answered-for' };
  });
  const { count } = call.detail;
  call.detail = { ...call.detail, count: { ...count, silent: count.silent - said.size, safe: count.safe + said.size } };
  publishCall(world, call);
  return { status: 200, body: seen(world, call) };
}

function moveNeed(world: World, call: FixtureCall, id: string, body: CallBody): Answer {
  call.needs = call.needs.map((need) =>
    need.id === id
      ? { ...need, state: body.move === 'take' ? 'taken' : 'done', byName: '王芳', outcome: body.outcome ?? null, volunteers: [] }
      : need,
  );
  publishCall(world, call);
  return { status: 200, body: seen(world, call) };
}

export function callRoute(world: World, method: string, url: URL, body: Record<string, unknown>): Answer {
  const [, , , id = '', rest = '', third = ''] = url.pathname.split('/').map(decodeURIComponent);
  if (id === '') {
    if (method === 'POST') return create(world, body);
    const states = url.searchParams.getAll('state');
    const items = [...world.calls.values()].map((call) => seen(world, call)).filter(({ state }) => states.includes(state));
    return { status: 200, body: { items, total: items.length, next: null } };
  }
  const call = world.calls.get(id);
  if (call === undefined) return problem(404, 'not-found', '没有找到。', 'Not found.');
  if (rest === 'moves') return press(world, call, body);
  if (rest === 'counts') return { status: 200, body: call.areas };
  if (rest === 'needs') return method === 'POST' ? moveNeed(world, call, third, body) : { status: 200, body: call.needs };
  if (rest === 'answers') return staffAnswers(world, call, body);
  if (rest === 'people') return { status: 200, body: peopleOf(call, url.searchParams) };
  if (method === 'PUT') call.detail = { ...call.detail, title: String(body['title']), version: call.detail.version + 1 };
  return { status: 200, body: seen(world, call) };
}

function peopleOf(call: FixtureCall, query: URLSearchParams): { items: CallPerson[]; total: number; next: null } {
  const silent = query.get('show') === 'silent';
  const items = call.people
    .filter((one) => !silent || one.account === 'open')
    .filter(({ area }) => area.startsWith(query.get('area') ?? ''));
  return { items, total: items.length, next: null };
}

/** One area and what lies below it. */
export function areaPageOf(world: World, path: string): Answer {
  const all = areasOf(world.devices);
  const branch = ({ path: at, parent, kind, name }: (typeof all)[number]): AreaBranch => ({
    path: at,
    parent,
    kind,
    name,
    position: 0,
    shape: null,
    version: 1,
    buildings: 0,
    rooms: 0,
    residents: 0,
  });
  const found = all.find((one) => one.path === path);
  if (found !== undefined) {
    const page: AreaPage = { area: branch(found), children: all.filter(({ parent }) => parent === path).map(branch) };
    return { status: 200, body: page };
  }
  const parent = path.split('/').slice(0, -1).join('/');
  if (!all.some((one) => one.path === parent)) return problem(404, 'not-found', '没有找到。', 'Not found.');
  const room = { path, parent, kind: 'room' as const, name: path.split('/').at(-1) ?? '' };
  return { status: 200, body: { area: { ...branch(all[0] as (typeof all)[number]), ...room }, children: [] } satisfies AreaPage };
}
