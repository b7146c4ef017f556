import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Channel } from '../../../cloud/notify/action.ts';
import { action as dingtalk } from '../../../cloud/notify/actions/dingtalk.ts';
import { action as feishu } from '../../../cloud/notify/actions/feishu.ts';
import { action as smsHttp } from '../../../cloud/notify/actions/sms-http.ts';
import { action as voiceHttp } from '../../../cloud/notify/actions/voice-http.ts';
import { action as webhook } from '../../../cloud/notify/actions/webhook.ts';
import { action as wecom } from '../../../cloud/notify/actions/wecom.ts';
import { message, openAction } from './open.ts';
import { type ProviderServer, providerServer } from './provider-server.ts';

const person = { address: '+8613800000000', name: '王芳' };
const nobody = { address: '', name: '' };
let provider: ProviderServer;
beforeEach(async () => {
  provider = await providerServer();
});
afterEach(() => provider.stop());

const json = (body: unknown) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
const heardJson = (): unknown => JSON.parse(provider.heard[0]?.body.toString('utf8') ?? '');

const smsSettings = () => ({
  request: {
    url: `${provider.url}/send`,
    headers: { 'content-type': 'application/json', authorization: 'Bearer {secret}' },
    body: '{"to":"{number}","content":"{text}","ref":"{id}"}',
  },
  secretFile: 'sms.key',
  success: { path: ['code'], equals: 'OK' },
  codePath: ['code'],
  tryAgain: ['isv.BUSINESS_LIMIT_CONTROL'],
  idPath: ['data', 'bizId'],
  receipts: {
    tokenFile: 'token',
    receipt: { list: ['reports'], id: ['bizId'], state: ['status'], delivered: ['DELIVRD'], failed: ['UNDELIV', 'EXPIRED'] },
    reply: { list: ['replies'], id: ['seq'], from: ['phone'], text: ['content'] },
  },
});
const sms = () => openAction(smsHttp, smsSettings(), { secrets: { 'sms.key': 's3cret', token: 'a-long-token' } });

/** What every channel over HTTP must do, whoever answers. */
const channels: [string, () => Channel, unknown][] = [
  ['sms-http', sms, { code: 'OK', data: { bizId: 'b-1' } }],
  [
    'voice-http',
    () =>
      openAction(voiceHttp, {
        request: { url: `${provider.url}/call`, body: '{"n":"{phone}","say":"{text}"}' },
        success: { path: ['ok'], equals: true },
      }),
    { ok: true },
  ],
  [
    'webhook',
    () => openAction(webhook, { url: `${provider.url}/hook`, secretFile: 'k' }, { secrets: { k: 'x'.repeat(32) } }),
    {},
  ],
  [
    'dingtalk',
    () => openAction(dingtalk, { urlFile: 'u' }, { secrets: { u: `${provider.url}/robot/send?access_token=t` } }),
    { errcode: 0, errmsg: 'ok' },
  ],
  [
    'wecom',
    () => openAction(wecom, { urlFile: 'u' }, { secrets: { u: `${provider.url}/cgi-bin/webhook/send?key=k` } }),
    { errcode: 0, errmsg: 'ok' },
  ],
  [
    'feishu',
    () => openAction(feishu, { urlFile: 'u' }, { secrets: { u: `${provider.url}/open-apis/bot/v2/hook/h` } }),
    { code: 0, msg: 'success', data: {} },
  ],
];

describe.each(channels)('%s', (_name, open, yes) => {
  it('is taken where the provider says yes', async () => {
    provider.say = () => json(yes);
    expect(await open().send(message, person)).toMatchObject({ state: 'accepted' });
    expect(provider.heard).toHaveLength(1);
  });
  it.each([500, 502, 503, 429, 408])('tries again on HTTP %i', async (status) => {
    provider.say = () => ({ status });
    expect(await open().send(message, person)).toMatchObject({ state: 'try-again', code: `http-${status}` });
  });
  it('waits as long as it is asked to', async () => {
    provider.say = () => ({ status: 429, headers: { 'retry-after': '17' } });
    expect(await open().send(message, person)).toMatchObject({ state: 'try-again', afterMs: 17_000 });
  });
  it.each([400, 401, 403, 404])('gives up on HTTP %i', async (status) => {
    provider.say = () => ({ status });
    expect(await open().send(message, person)).toMatchObject({ state: 'never', code: `http-${status}` });
  });
  it('is not led elsewhere', async () => {
    provider.say = () => ({ status: 302, headers: { location: `${provider.url}/elsewhere` } });
    expect(await open().send(message, person)).toMatchObject({ state: 'never' });
    expect(provider.heard).toHaveLength(1);
  });
  it('tries again where nobody answers, where the line breaks, where nobody is there', async () => {
    provider.say = () => ({ hang: true });
    expect(await open().send(message, person)).toMatchObject({ state: 'try-again', code: 'timeout' });
    provider.say = () => ({ reset: true });
    expect(await open().send(message, person)).toMatchObject({ state: 'try-again', code: 'unreachable' });
    const channel = open();
    await provider.stop();
    expect(await channel.send(message, person)).toMatchObject({ state: 'try-again', code: 'unreachable' });
  });
  it('does not read an answer without end', async () => {
    provider.say = () => ({ body: 'x'.repeat(100_000) });
    expect(await open().send(message, person)).toMatchObject({ state: 'try-again', code: 'too-large' });
  });
});

it('an address of the own network is not contacted, whatever it is called', async () => {
  for (const url of [
    provider.url,
    provider.url.replace('127.0.0.1', 'localhost'),
    provider.url.replace('127.0.0.1', '2130706433'),
  ]) {
    const channel = openAction(
      webhook,
      { url, secretFile: 'k' },
      { http: { allowPrivate: [], timeoutMs: 1_000 }, secrets: { k: 'x' } },
    );
    expect(await channel.send(message, nobody)).toMatchObject({ state: 'never', code: 'blocked' });
  }
  expect(provider.heard).toEqual([]);
});

describe('sms-http', () => {
  it('fills its template with what the provider can read back', async () => {
    provider.say = () => json({ code: 'OK', data: { bizId: 'b-1' } });
    expect(await sms().send(message, person)).toEqual({ state: 'accepted', providerId: 'b-1', receipt: true });
    expect(heardJson()).toEqual({ to: '13800000000', content: `${message.text} ${message.link}`, ref: message.id });
    expect(provider.heard[0]?.headers.authorization).toBe('Bearer s3cret');
  });
  it('a form is filled as a form', async () => {
    const channel = openAction(smsHttp, {
      request: {
        url: `${provider.url}/send?to={phone}`,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'text={text}&id={id}&{unknown}',
      },
    });
    await channel.send(message, person);
    expect(new URL(provider.heard[0]?.url ?? '', provider.url).searchParams.get('to')).toBe(person.address);
    expect(new URLSearchParams(provider.heard[0]?.body.toString()).get('text')).toBe(`${message.text} ${message.link}`);
  });
  it('knows which codes are worth another try', async () => {
    provider.say = () => json({ code: 'isv.BUSINESS_LIMIT_CONTROL' });
    expect(await sms().send(message, person)).toMatchObject({ state: 'try-again', code: 'isv.BUSINESS_LIMIT_CONTROL' });
    provider.say = () => json({ code: 'isv.MOBILE_NUMBER_ILLEGAL' });
    expect(await sms().send(message, person)).toMatchObject({ state: 'never', code: 'isv.MOBILE_NUMBER_ILLEGAL' });
    provider.say = () => ({ body: '<html>' });
    expect(await sms().send(message, person)).toMatchObject({ state: 'never', code: 'refused' });
  });
  const call = (body: unknown, token = 'a-long-token') => ({ headers: {}, query: { token }, body: JSON.stringify(body) });
  it('hears receipts and replies, and answers as the provider expects', () =>
    expect(
      sms().receive?.(
        call({
          reports: [
            { bizId: 'b-1', status: 'DELIVRD' },
            { bizId: 'b-2', status: 'EXPIRED' },
            { bizId: 'b-3', status: 'ON ITS WAY' },
            { status: 'DELIVRD' },
          ],
          replies: [{ seq: 9, phone: '8613800000000', content: '1' }],
        }),
      ),
    ).toEqual({
      receipts: [
        { providerId: 'b-1', state: 'delivered' },
        { providerId: 'b-2', state: 'failed', code: 'EXPIRED' },
      ],
      replies: [{ providerId: '9', from: '+8613800000000', text: '1' }],
      answer: { status: 200, type: 'application/json', body: '{"code":0}' },
    }));
  it.each([
    ['another token', call({}, 'guess')],
    ['no token', { headers: {}, query: {}, body: '{}' }],
    ['no JSON', { headers: {}, query: { token: 'a-long-token' }, body: '{' }],
  ])('refuses %s', (_name, given) => expect(sms().receive?.(given)).toHaveProperty('refused'));
  it.each([null, 7, 'x', [], { reports: 'x' }, { reports: { bizId: {} } }, { replies: [null, [], {}] }])('survives %j', (body) =>
    expect(sms().receive?.(call(body))).toMatchObject({ receipts: [], replies: [] }),
  );
});

it('a webhook is signed as Standard Webhooks 1.0 says, the same id at every attempt', async () => {
  const key = 'k'.repeat(32);
  const channel = openAction(webhook, { url: `${provider.url}/hook`, secretFile: 'k' }, { secrets: { k: key } });
  await channel.send({ ...message, data: { incident: 'inc-1' } }, nobody);
  await channel.send(message, nobody);
  const [first, second] = provider.heard;
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = first?.headers ?? {};
  const wanted = createHmac('sha256', key)
    .update(`${String(id)}.${String(at)}.${first?.body.toString()}`)
    .digest('base64');
  expect(signature).toBe(`v1,${wanted}`);
  expect(second?.headers['webhook-id']).toBe(id);
  expect(heardJson()).toMatchObject({ type: 'yihu.message/1', lifeSafety: true, data: { incident: 'inc-1' } });
});

/** Request and answers as the makers' public documentation of their group robots prints them. */
describe('group robots', () => {
  it('钉钉: timestamp and sign in the address, everybody is called where lives are at risk', async () => {
    provider.say = () => json({ errcode: 0, errmsg: 'ok' });
    const channel = openAction(
      dingtalk,
      { urlFile: 'u', secretFile: 's' },
      { secrets: { u: `${provider.url}/robot/send?access_token=t`, s: 'SEC1' } },
    );
    await channel.send(message, nobody);
    const { searchParams } = new URL(provider.heard[0]?.url ?? '', provider.url);
    const timestamp = searchParams.get('timestamp') ?? '';
    expect(searchParams.get('access_token')).toBe('t');
    expect(searchParams.get('sign')).toBe(createHmac('sha256', 'SEC1').update(`${timestamp}\nSEC1`).digest('base64'));
    expect(heardJson()).toMatchObject({ msgtype: 'text', at: { isAtAll: true } });
  });
  it('飞书: the key signs nothing, in seconds', async () => {
    provider.say = () => json({ StatusCode: 0, StatusMessage: 'success' });
    const channel = openAction(feishu, { urlFile: 'u', secretFile: 's' }, { secrets: { u: provider.url, s: 'SEC1' } });
    expect(await channel.send(message, nobody)).toMatchObject({ state: 'accepted' });
    const { timestamp, sign } = heardJson() as { timestamp: string; sign: string };
    expect(timestamp).toMatch(/^\d{10}$/);
    expect(sign).toBe(createHmac('sha256', `${timestamp}\nSEC1`).update('').digest('base64'));
  });
  it('企业微信: cuts at 2,048 bytes, never within a character', async () => {
    provider.say = () => json({ errcode: 0 });
    await openAction(wecom, { urlFile: 'u' }, { secrets: { u: provider.url } }).send(
      { ...message, text: '警'.repeat(2_000) },
      nobody,
    );
    const { content } = (heardJson() as { text: { content: string } }).text;
    expect(Buffer.byteLength(content)).toBeLessThanOrEqual(2_048);
    expect(content).toMatch(/警…$/);
  });
  const answers: [string, () => Channel, unknown, string][] = [
    ['钉钉 too often', channels[3]?.[1] as () => Channel, { errcode: 130_101, errmsg: 'send too fast' }, 'try-again'],
    ['钉钉 sign not match', channels[3]?.[1] as () => Channel, { errcode: 310_000, errmsg: 'sign not match' }, 'never'],
    [
      '企业微信 freq out of limit',
      channels[4]?.[1] as () => Channel,
      { errcode: 45_009, errmsg: 'api freq out of limit' },
      'try-again',
    ],
    ['企业微信 invalid webhook', channels[4]?.[1] as () => Channel, { errcode: 93_000, errmsg: 'invalid webhook url' }, 'never'],
    ['飞书 frequency limited', channels[5]?.[1] as () => Channel, { code: 11_232, msg: 'frequency limited' }, 'try-again'],
    ['飞书 sign match fail', channels[5]?.[1] as () => Channel, { code: 19_021, msg: 'sign match fail' }, 'never'],
    ['an answer that is none', channels[3]?.[1] as () => Channel, 'x', 'never'],
  ];
  it.each(answers)('%s', async (_name, open, said, state) => {
    provider.say = () => json(said);
    expect(await open().send(message, nobody)).toMatchObject({ state });
  });
});
