import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type SitePush, signedBytes } from '@yihu/device-profiles/vocabulary/site-push.ts';
import { expect, it } from 'vitest';
import { checkPush, type PushContext } from '../../../gateway/change/push-check.ts';

const pair = generateKeyPairSync('ed25519');
const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();
const siteKey = pem(pair.publicKey);
const context: PushContext = { gateway: 'gw-1', siteKey, seen: 3, now: 1_000 };
const push: SitePush = {
  schema: 'yihu-site-push/1',
  gateway: 'gw-1',
  version: 4,
  base: 'a'.repeat(64),
  text: 'schema: yihu-site/1\n',
  profiles: [],
  withinMs: 120_000,
  by: 'somebody',
  expiresAt: 2_000,
};

function signed(more: object = {}, key: KeyObject = pair.privateKey): Buffer {
  const text = JSON.stringify({ ...push, ...more });
  const signature = sign(null, signedBytes(text), key).toString('base64');
  return Buffer.from(JSON.stringify({ push: text, signature }));
}

it('a push for this gateway, new, in time and signed by the key of the claim is taken', () => {
  expect(checkPush(signed(), context)).toMatchObject({ push });
});

it('whatever else comes is named and not done', () => {
  const other = generateKeyPairSync('ed25519');
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const text = JSON.stringify(push);
  const withoutHead = sign(null, Buffer.from(text), pair.privateKey).toString('base64');
  const fault = (payload: Buffer, more: Partial<PushContext> = {}) => {
    const checked = checkPush(payload, { ...context, ...more });
    return 'fault' in checked ? [checked.fault, checked.version] : 'taken';
  };
  expect(fault(Buffer.from('{"push":'))).toEqual(['unreadable', 0]);
  expect(fault(signed(), { siteKey: undefined })).toEqual(['no-key', 4]);
  expect(fault(signed(), { siteKey: 'not a key' })).toEqual(['signature', 4]);
  expect(fault(signed(), { siteKey: pem(rsa.publicKey) })).toEqual(['signature', 4]);
  expect(fault(signed({}, other.privateKey))).toEqual(['signature', 4]);
  // The same key over the text alone, as another part of the cloud might sign it.
  expect(fault(Buffer.from(JSON.stringify({ push: text, signature: withoutHead })))).toEqual(['signature', 4]);
  expect(fault(signed({ gateway: 'gw-2' }))).toEqual(['other-gateway', 4]);
  expect(fault(signed({ version: 3 }))).toEqual(['replay', 3]);
  expect(fault(signed(), { now: 2_001 })).toEqual(['expired', 4]);
  const paths = [
    '../x.yaml',
    '.pushed/0123456789abcdef/../../x.yaml',
    '/etc/x.yaml',
    'gateway.yaml',
    '.pushed/0123456789abcdef/.a/x.yaml',
  ];
  for (const path of paths) expect(fault(signed({ profiles: [{ path, text: '' }] })), path).toEqual(['unreadable', 0]);
});
