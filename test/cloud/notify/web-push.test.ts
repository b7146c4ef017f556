import { createPublicKey, verify } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { action, newVapidKeys } from '../../../cloud/notify/actions/web-push.ts';
import { message, openAction } from './open.ts';
import { pushedBrowser } from './pushed-browser.ts';
import { type ProviderServer, providerServer } from './provider-server.ts';

let service: ProviderServer;
beforeEach(async () => {
  service = await providerServer();
});
afterEach(() => service.stop());

describe('web push', () => {
  const vapid = newVapidKeys();
  const open = () =>
    openAction(
      action,
      { contact: 'mailto:a@example.cn', publicKey: vapid.publicKey, privateKeyFile: 'k' },
      { secrets: { k: vapid.privateKey } },
    );

  it('only the browser can read it, and the service can tell who sends', async () => {
    service.say = () => ({ status: 201 });
    const phone = pushedBrowser();
    expect(await open().send(message, { address: phone.subscription(`${service.url}/push/1`), name: '' })).toEqual({
      state: 'accepted',
      receipt: false,
    });
    const [heard] = service.heard;
    expect(JSON.parse(phone.open(heard?.body ?? Buffer.alloc(0)))).toMatchObject({ title: message.title, text: message.text });
    expect(heard?.headers).toMatchObject({ 'content-encoding': 'aes128gcm', urgency: 'high', ttl: '3600' });
    expect(heard?.body.toString('utf8')).not.toContain('502');
    const [, token = '', key = ''] = /t=([^,]+), ?k=(.+)$/.exec(String(heard?.headers.authorization)) ?? [];
    const [head = '', claims = '', signature = ''] = token.split('.');
    const point = Buffer.from(key, 'base64url');
    const jwk = {
      kty: 'EC',
      crv: 'P-256',
      x: point.subarray(1, 33).toString('base64url'),
      y: point.subarray(33).toString('base64url'),
    };
    const signed = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' as const };
    expect(verify('sha256', Buffer.from(`${head}.${claims}`), signed, Buffer.from(signature, 'base64url'))).toBe(true);
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      aud: service.url,
      sub: 'mailto:a@example.cn',
    });
  });
  it.each([404, 410])('a subscription that ended (%i) is final', async (status) => {
    service.say = () => ({ status });
    expect(await open().send(message, { address: pushedBrowser().subscription(service.url), name: '' })).toMatchObject({
      state: 'never',
      code: 'subscription-gone',
    });
  });
  it('a service that is busy is tried again, an address that is none is final', async () => {
    service.say = () => ({ status: 429, headers: { 'retry-after': '30' } });
    expect(await open().send(message, { address: pushedBrowser().subscription(service.url), name: '' })).toMatchObject({
      state: 'try-again',
      afterMs: 30_000,
    });
    for (const address of ['', '{}', 'x', '{"endpoint":"file:///etc/passwd","keys":{"p256dh":"x","auth":"y"}}'])
      expect(await open().send(message, { address, name: '' })).toMatchObject({ state: 'never', code: 'bad-subscription' });
  });
});
