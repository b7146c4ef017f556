import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../cloud/clock.ts';
import { openPki } from '../../../cloud/registry/pki.ts';
import { openWorld, type World } from './world.ts';

let folder: string;
let ca: string;
let world: World;
beforeAll(async () => {
  folder = mkdtempSync('/tmp/yihu-https-');
  const pki = await openPki({ folder, clock: systemClock });
  ca = pki.caPem;
  const { keyPem, certPem } = await pki.listenerCertificate(['127.0.0.1']);
  world = await openWorld({ tls: { key: keyPem, cert: certPem } });
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

function post(address: string, body: object): Promise<{ status: number; headers: NodeJS.Dict<string | string[]> }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      world.cloud.url + address,
      { method: 'POST', ca, headers: { 'content-type': 'application/json' } },
      (response) => {
        response.resume();
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers }));
      },
    );
    sent.on('error', reject);
    sent.end(JSON.stringify(body));
  });
}

describe('over HTTPS', () => {
  it('the cookie belongs to this host alone and never travels in the clear', async () => {
    expect(world.cloud.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const { status, headers } = await post('/api/session', { account: 'wangfang', password: world.passwords.get('wangfang') });
    expect(status).toBe(200);
    const [cookie = ''] = [headers['set-cookie'] ?? []].flat();
    expect(cookie).toMatch(/^__Host-yihu=[A-Za-z0-9_-]{43}; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    expect(headers['strict-transport-security']).toContain('max-age=31536000');
  });
});
