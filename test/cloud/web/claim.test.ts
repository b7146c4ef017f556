import { connect } from 'node:tls';
import { webcrypto } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { ClaimAnswer, RenewAnswer } from '@yihu/device-profiles/vocabulary/claim.ts';
import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, openWorld, type World } from './world.ts';

let world: World;
let admin: Browser;
beforeAll(async () => {
  world = await openWorld();
  admin = await Browser.signIn(world, 'admin');
});
afterAll(() => world.close());

const p256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

async function makeRequest(): Promise<{ csr: string; key: string }> {
  const keys = await webcrypto.subtle.generateKey(p256, true, ['sign', 'verify']);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({ name: 'CN=gateway', keys, signingAlgorithm: p256 });
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return { csr: request.toString('pem'), key: `-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n` };
}

async function offer(id: string): Promise<{ code: string; gateway: { state: string } }> {
  const { status, body } = await admin.call<{ code: string; gateway: { state: string } }>('POST', '/api/gateways', {
    id,
    name: { zh: '幸福里网关', en: 'Xingfuli gateway' },
    area: 'xingfu/xfl',
  });
  expect(status).toBe(201);
  return body;
}

/** How a TLS handshake with the uplink ends: with its own close (nothing wrong said yet) or at once. */
function knock(answer: ClaimAnswer, key: string): Promise<'let in' | 'refused'> {
  const { hostname, port } = new URL(answer.uplink);
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname,
      port: Number(port),
      ca: answer.ca,
      cert: answer.certificate,
      key,
      minVersion: 'TLSv1.3',
    });
    socket.on('error', () => resolve('refused'));
    socket.on('close', () => resolve('refused'));
    // An MQTT CONNECT for this gateway; the answer to it shows that we are past the door.
    socket.on('secureConnect', () => {
      const id = Buffer.from(answer.gateway);
      const body = Buffer.concat([Buffer.from([0, 4, 77, 81, 84, 84, 4, 2, 0, 30, 0, id.length]), id]);
      socket.write(Buffer.concat([Buffer.from([0x10, body.length]), body]));
    });
    // CONNACK is 20 02 00 00 where it says yes; it may come byte by byte.
    let heard = Buffer.alloc(0);
    socket.on('data', (data: Buffer) => {
      heard = Buffer.concat([heard, data]);
      if (heard.length < 4) return;
      resolve(heard.subarray(0, 4).toString('hex') === '20020000' ? 'let in' : 'refused');
      socket.destroy();
    });
  });
}

/** 换证 over the present certificate: the new one opens the door, and the old one still does. */
async function renewed(answer: ClaimAnswer, key: string): Promise<void> {
  const { gateway, uplink, ca, certificate: cert } = answer;
  const line = await mqtt.connectAsync(uplink, { clientId: gateway, protocolVersion: 4, ca, cert, key });
  await line.subscribeAsync(`gw/${gateway}/certificate`, { qos: 1 });
  const ask = async (csr: string) => {
    const said = new Promise<Buffer>((resolve) => line.once('message', (_topic, payload) => resolve(payload)));
    await line.publishAsync(`gw/${gateway}/renew`, JSON.stringify({ csr }), { qos: 1 });
    return RenewAnswer.parse(JSON.parse((await said).toString('utf8')));
  };
  expect(await ask('not a request')).toEqual({ refused: 'bad-csr' });
  const fresh = await makeRequest();
  const given = ClaimAnswer.parse({ gateway, uplink, ...(await ask(fresh.csr)) });
  expect(await ask(fresh.csr)).toEqual({ refused: 'too-soon' });
  await line.endAsync();
  expect(await knock(given, fresh.key)).toBe('let in');
  expect(await knock(answer, key)).toBe('let in');
}

describe('claiming a gateway', () => {
  it('turns a code into a certificate, once; a revoked gateway is not let in again', async () => {
    const { code, gateway } = await offer('gw-1');
    expect(gateway.state).toBe('unclaimed');
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/);
    const anybody = new Browser(world);
    const { csr, key } = await makeRequest();
    const broken = await anybody.call('POST', '/api/claim', { code, csr: 'not a request' });
    expect(broken).toMatchObject({ status: 400, body: { code: 'bad-csr' } });
    const { status, body } = await anybody.call('POST', '/api/claim', { code: code.toLowerCase().replace('-', ' '), csr });
    expect(status).toBe(200);
    const answer = ClaimAnswer.parse(body);
    expect(answer).toMatchObject({ gateway: 'gw-1', ca: world.cloud.ca, uplink: world.cloud.uplinkUrl });
    expect((await anybody.call('POST', '/api/claim', { code, csr })).body).toMatchObject({ code: 'wrong-code' });
    expect(await knock(answer, key)).toBe('let in');
    const { body: revoked } = await admin.call('POST', '/api/gateways/gw-1/revoke');
    expect(revoked).toMatchObject({ id: 'gw-1', state: 'revoked' });
    expect(await knock(answer, key)).toBe('refused');
  });

  it('makes the old certificate worthless when a gateway is claimed anew', async () => {
    const { code } = await offer('gw-2');
    const anybody = new Browser(world);
    const first = await makeRequest();
    const one = ClaimAnswer.parse((await anybody.call('POST', '/api/claim', { code, csr: first.csr })).body);
    const { body } = await admin.call<{ code: string }>('POST', '/api/gateways/gw-2/code');
    const second = await makeRequest();
    const two = ClaimAnswer.parse((await anybody.call('POST', '/api/claim', { code: body.code, csr: second.csr })).body);
    expect(await knock(one, first.key)).toBe('refused');
    expect(await knock(two, second.key)).toBe('let in');
    await renewed(two, second.key);
  });

  it('gives an address five tries a minute', async () => {
    const anybody = new Browser(world);
    const answers: number[] = [];
    for (let count = 0; count < 6; count += 1) {
      answers.push((await anybody.call('POST', '/api/claim', { code: 'AAAAA-AAAAA', csr: 'x' })).status);
    }
    expect(answers).toContain(429);
    for (const answer of answers) expect([403, 429]).toContain(answer);
  });

  it('takes no gateway for an area that is not there: its alarms would reach nobody', async () => {
    const lost = { id: 'gw-lost', name: { zh: '失落' }, area: 'xingfu/nowhere' };
    expect(await admin.call('POST', '/api/gateways', lost)).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });

  it('keeps an id that is taken', async () => {
    const again = { id: 'gw-2', name: { zh: '另一个' }, area: 'xingfu/xfl' };
    expect(await admin.call('POST', '/api/gateways', again)).toMatchObject({ status: 409, body: { code: 'already-there' } });
  });
});
