import { createDecipheriv, createECDH, createPublicKey, hkdfSync, verify } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { action, newVapidKeys } from '../../../cloud/notify/actions/web-push.ts';
import { message, openAction } from './open.ts';
import { type ProviderServer, providerServer } from './provider-server.ts';

/** A browser's half of RFC 8291, from the text of the RFC alone. */
function browser() {
  const keys = createECDH('prime256v1');
  keys.generateKeys();
  const auth = Buffer.alloc(16, 7);
  return {
    subscription: (endpoint: string) =>
      JSON.stringify({ endpoint, keys: { p256dh: keys.getPublicKey('base64url'), auth: auth.toString('base64url') } }),
    open(body: Buffer): string {
      const salt = body.subarray(0, 16);
      const keyLength = body[20] ?? 0;
      const sender = body.subarray(21, 21 + keyLength);
      const sealed = body.subarray(21 + keyLength);
      const shared = keys.computeSecret(sender);
      const info = Buffer.concat([Buffer.from('WebPush: info\0'), keys.getPublicKey(), sender]);
      const ikm = Buffer.from(hkdfSync('sha256', shared, auth, info, 32));
      const key = Buffer.from(hkdfSync('sha256', ikm, salt, 'Content-Encoding: aes128gcm\0', 16));
      const nonce = Buffer.from(hkdfSync('sha256', ikm, salt, 'Content-Encoding: nonce\0', 12));
      const cipher = createDecipheriv('aes-128-gcm', key, nonce);
      cipher.setAuthTag(sealed.subarray(-16));
      const plain = Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]);
      return plain.subarray(0, plain.lastIndexOf(2)).toString('utf8');
    },
  };
}

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
    const phone = browser();
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
    expect(await open().send(message, { address: browser().subscription(service.url), name: '' })).toMatchObject({
      state: 'never',
      code: 'subscription-gone',
    });
  });
  it('a service that is busy is tried again, an address that is none is final', async () => {
    service.say = () => ({ status: 429, headers: { 'retry-after': '30' } });
    expect(await open().send(message, { address: browser().subscription(service.url), name: '' })).toMatchObject({
      state: 'try-again',
      afterMs: 30_000,
    });
    for (const address of ['', '{}', 'x', '{"endpoint":"file:///etc/passwd","keys":{"p256dh":"x","auth":"y"}}'])
      expect(await open().send(message, { address, name: '' })).toMatchObject({ state: 'never', code: 'bad-subscription' });
  });
});
