import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import type { CallNeed, CallPerson, CallSummary } from '@yihu/device-profiles/vocabulary/call.ts';
import type { CallDetail, CallPreview } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import type { ExportSignature } from '@yihu/device-profiles/vocabulary/export-signature.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isSigned } from '../../../cloud/incident/export-signature.ts';
import { describeWith } from '../../needs.ts';
import { violationsOn } from '../../screens/axe.ts';
import { openBrowser } from '../../screens/browser.ts';
import { type ProviderServer, providerServer } from '../notify/provider-server.ts';
import { Browser, newKey, openWorld, type World } from '../web/world.ts';

const password = 'one quiet phrase for all';
const home = 'xingfu/xfl/g1/3/502';
const generous = { timeout: 60_000 };

let provider: ProviderServer;
let world: World;
let folder: string;
let dispatcher: Browser;

beforeAll(async () => {
  provider = await providerServer();
  provider.say = () => ({ body: JSON.stringify({ code: 0, id: `p-${provider.heard.length}` }) });
  folder = mkdtempSync('/tmp/yihu-calls-');
  writeFileSync(path.join(folder, 'token'), 'a-long-enough-token', { mode: 0o600 });
  const channels = path.join(folder, 'channels.yaml');
  const request = {
    url: `${provider.url}/sms`,
    headers: { 'content-type': 'application/json' },
    body: '{"to":"{phone}","text":"{text}"}',
  };
  const receipts = {
    tokenFile: 'token',
    receipt: { id: ['id'], state: ['state'], delivered: ['OK'], failed: ['NO'] },
    reply: { id: ['reply'], from: ['from'], text: ['text'] },
  };
  const sms = {
    id: 'sms',
    action: 'sms-http',
    settings: { request, success: { path: ['code'], equals: 0 }, idPath: ['id'], receipts },
  };
  writeFileSync(
    channels,
    JSON.stringify({
      schema: 'yihu-channels/1',
      allowPrivate: ['127.0.0.1'],
      channels: [sms],
      ladders: { lifeSafety: [['sms']], other: [['sms']] },
    }),
  );
  const port = await freePort();
  world = await openWorld({ channels, listen: { host: '127.0.0.1', port }, publicUrl: `http://127.0.0.1:${port}` });
  const admin = await Browser.signIn(world, 'admin');
  const grants = (role: string) => [{ area: 'xingfu', role }];
  for (const role of ['dispatcher', 'grid-worker', 'property']) {
    const account = { account: role, name: role, phone: '13900000000', password, grants: grants(role) };
    expect((await admin.call('POST', '/api/users', account)).status).toBe(201);
  }
  for (const [area, kind, name] of [
    ['xingfu/xfl/g1/3', 'building', '3栋'],
    [home, 'room', '502'],
  ]) {
    expect((await admin.call('POST', '/api/areas', { path: area, kind, name })).status).toBe(201);
  }
  const keeper = await Browser.signIn(world, 'property', password);
  for (const [name, phone] of [
    ['王建国', '13800000001'],
    ['李秀兰', '13800000002'],
  ]) {
    const person = {
      name,
      phone,
      home: { area: home, role: 'owner' },
      provenance: { source: 'door', basis: 'duty' },
      key: newKey(),
    };
    expect((await keeper.call('POST', '/api/people', person)).status).toBe(201);
  }
  dispatcher = await Browser.signIn(world, 'dispatcher', password);
  expect((await dispatcher.call('PUT', '/api/me/duty', { onDuty: true })).status).toBe(200);
}, 300_000);
afterAll(async () => {
  await world.close();
  await provider.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function begin(kind: 'actual' | 'drill'): Promise<CallDetail> {
  const draft = {
    kind,
    template: { id: 'fire-leave', values: { 地点: '3栋<2单元>', 集合点: '东门广场' } },
    audience: { areas: [home] },
    key: newKey(),
  };
  const made = await dispatcher.call<CallDetail>('POST', '/api/calls', draft);
  expect(made.status).toBe(201);
  // The same request once more is the same call.
  expect((await dispatcher.call<CallDetail>('POST', '/api/calls', draft)).body.id).toBe(made.body.id);
  const { id, version } = made.body;
  const submit = { move: 'submit', version, key: newKey() };
  expect((await dispatcher.call<CallDetail>('POST', `/api/calls/${id}/moves`, submit)).body.state).toBe('scheduled');
  return made.body;
}

/** The address in the message to this number, once it has come. */
async function linkTo(number: string, after: number): Promise<string> {
  const link = () =>
    provider.heard
      .slice(after)
      .map(({ body }) => body.toString())
      .flatMap((body) => (body.includes(number) ? [/http:\S+\/a\/[A-Za-z0-9_-]{22}/.exec(body)?.[0]] : []))[0];
  await expect.poll(link, generous).toBeDefined();
  return link() ?? '';
}

const post = (link: string, form: Record<string, string>) =>
  fetch(link, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' });

async function people(id: string): Promise<CallPerson[]> {
  return (await dispatcher.call<{ items: CallPerson[] }>('GET', `/api/calls/${id}/people?show=all`)).body.items;
}

it('a call goes out, is answered by link and by a digit, and stands with the dispatcher within seconds', async () => {
  const preview = await dispatcher.call<CallPreview>('POST', '/api/call-previews', { audience: { areas: [home] } });
  expect(preview.body).toMatchObject({
    people: 2,
    households: 1,
    channels: [{ channel: 'sms', people: 2, households: 1 }],
    unreachable: { people: 0 },
    needsSecond: false,
  });
  const { id } = await begin('actual');
  const link = await linkTo('13800000001', 0);

  // Whatever previews a link answers nothing.
  for (let nth = 0; nth < 3; nth += 1) await fetch(link);
  await fetch(link, { method: 'HEAD' });
  expect((await people(id)).map(({ answer }) => answer)).toEqual(['none', 'none']);

  const page = await (await fetch(link)).text();
  expect(page.length).toBeLessThan(40_000);
  expect(page).not.toMatch(/<script|javascript:|\son[a-z]+=/i);
  expect(page).toContain('3栋&lt;2单元&gt;');
  expect(page).not.toContain('王建国');

  const key = newKey();
  const answered = await post(link, { answer: 'help', note: '腿受伤，走不了', key });
  expect([answered.status, answered.headers.get('location')]).toEqual([303, new URL(link).pathname]);
  await post(link, { answer: 'help', note: '腿受伤，走不了', key });
  expect(await (await fetch(link)).text()).toContain('需要帮助');
  const needs = await dispatcher.call<{ id: string; name: string; phone: string; note: string }[]>(
    'GET',
    `/api/calls/${id}/needs`,
  );
  expect(needs.body).toMatchObject([{ name: '王建国', phone: '13800000001', note: '腿受伤，走不了', state: 'open' }]);
  // The dispatcher hears of it by message too, though the screens show it.
  await expect.poll(() => provider.heard.some(({ body }) => body.toString().includes('腿受伤')), generous).toBe(true);

  // The neighbour offers to help, by the plain button of their page: seen beside the need, as it is, and told to nobody.
  expect(page).toContain('<button name="answer" value="volunteer">');
  const other = await linkTo('13800000002', 0);
  await post(other, { answer: 'volunteer', note: '会急救', key: newKey() });
  expect(await (await fetch(other)).text()).toContain('平安，能帮忙');
  const offered = await dispatcher.call<CallNeed[]>('GET', `/api/calls/${id}/needs`);
  expect(offered.body[0]?.volunteers).toMatchObject([
    { name: '李秀兰', phone: '13800000002', near: 'room', note: '会急救', area: home },
  ]);
  await expect
    .poll(async () => (await dispatcher.call<CallSummary>('GET', `/api/calls/${id}`)).body.count, generous)
    .toMatchObject({ help: 1, safe: 1, volunteers: 1, silent: 0 });

  const reply = JSON.stringify({ reply: 'mo-1', from: '13800000002', text: '１' });
  const receipt = await fetch(`${world.cloud.url}/api/receipts/sms?token=a-long-enough-token`, { method: 'POST', body: reply });
  expect(receipt.status).toBe(200);
  await expect
    .poll(async () => (await dispatcher.call<CallSummary>('GET', `/api/calls/${id}`)).body.count, generous)
    .toMatchObject({ help: 1, safe: 1, volunteers: 0, silent: 0, householdsHelp: 1 });
  expect((await people(id)).map(({ name, via }) => [name, via])).toEqual([
    ['王*', 'link'],
    ['李*', 'sms'],
  ]);

  const need = `/api/calls/${id}/needs/${needs.body[0]?.id}`;
  expect((await dispatcher.call('POST', need, { move: 'done', outcome: '已送医', key: newKey() })).status).toBe(200);
  const point = { name: '东门广场', counted: 12, key: newKey() };
  expect((await dispatcher.call('POST', `/api/calls/${id}/points`, point)).body).toMatchObject([{ counted: 12 }]);
  const { body: now } = await dispatcher.call<CallDetail>('GET', `/api/calls/${id}`);
  const over = await dispatcher.call<CallDetail>('POST', `/api/calls/${id}/moves`, {
    move: 'stand-down',
    version: now.version,
    key: newKey(),
  });
  expect(over.body.state).toBe('stood-down');
  await expect.poll(() => provider.heard.some(({ body }) => body.toString().includes('已经解除')), generous).toBe(true);
  expect(await (await fetch(link)).text()).toContain('已经结束');
  const said = (await dispatcher.call<{ signed: ExportSignature }>('GET', `/api/calls/${id}/report`)).body;
  expect(isSigned(said, said.signed)).toBe(true);
  expect(said).toMatchObject({
    schema: 'yihu.call-report/1',
    needs: { all: 1, done: 1 },
    points: [{ name: '东门广场', counted: 12 }],
  });
  const report = await (await dispatcher.raw('GET', `/api/calls/${id}/report.html`)).text();
  expect(report).toContain('呼叫报告 H');
  expect(report).not.toContain('王建国');
}, 180_000);

it('what is bad is said with its field, and a link that is none of ours opens nothing', async () => {
  const bad = async (body: object) => {
    const draft = { kind: 'actual', audience: { areas: [home] }, key: newKey(), ...body };
    const { status, body: said } = await dispatcher.call<{ issues?: { path: string }[] }>('POST', '/api/calls', draft);
    return [status, ...(said.issues ?? []).map((issue) => issue.path)];
  };
  expect(await bad({})).toEqual([400, '/title']);
  expect(await bad({ template: { id: 'fire-leave', values: {} } })).toEqual([400, '/template/values']);
  expect(await bad({ template: { id: 'none' } })).toEqual([400, '/template/id']);
  expect(await bad({ title: '一', text: '二', startsAt: 1 })).toEqual([400, '/startsAt']);
  expect(await bad({ title: '一', text: '二', waits: { againMs: 9, headMs: 1, doorMs: 1 } })).toEqual([400, '/waits']);
  expect(await bad({ title: '一', text: '二', more: 1 })).toEqual([400, '/more']);
  expect((await bad({ title: '一', text: '二', audience: { areas: ['xingfu/none'] } }))[0]).toBe(422);
  const wrong = `${world.cloud.url}/a/${'A'.repeat(22)}`;
  expect((await fetch(wrong)).status).toBe(404);
  expect((await post(wrong, { answer: 'safe', key: newKey() })).status).toBe(404);
  expect(world.lines.join('\n')).not.toContain('13800000001');
}, 180_000);

describeWith(['chromium'], 'on a telephone', () => {
  it('a drill says so, and one tap without a script answers it; nothing keeps anybody from reading it', async () => {
    const before = provider.heard.length;
    const { id } = await begin('drill');
    const link = await linkTo('13800000002', before);
    const browser = await openBrowser();
    try {
      const context = await browser.newContext({
        viewport: { width: 390, height: 844 },
        javaScriptEnabled: true,
        locale: 'zh-CN',
      });
      const page = await context.newPage();
      await page.goto(link);
      expect((await violationsOn(page)).found).toEqual([]);
      const shot = process.env['ANSWER_PAGE_PICTURES'];
      if (shot) await page.screenshot({ path: path.join(shot, 'answer.png'), fullPage: true });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
      expect(await page.textContent('.band')).toContain('演练');
      await page.close();
      const plain = await browser.newContext({ viewport: { width: 390, height: 844 }, javaScriptEnabled: false });
      const old = await plain.newPage();
      await old.goto(link);
      await old.check('input[name=household]');
      await old.click('button.safe');
      await expect.poll(() => old.textContent('.given'), generous).toContain('平安');
      if (shot) await old.screenshot({ path: path.join(shot, 'answered.png'), fullPage: true });
    } finally {
      await browser.close();
    }
    expect((await people(id)).map(({ answer, account }) => [answer, account])).toEqual([
      ['safe', 'answered-for'],
      ['safe', 'answered'],
    ]);
  }, 180_000);
});
