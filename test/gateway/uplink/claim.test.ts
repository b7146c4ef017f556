import { readdir, readFile, stat } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClaimRequest } from '@yihu/device-profiles/vocabulary/claim.ts';
import { systemClock } from '../../../gateway/clock.ts';
import { claim, ClaimError, renew } from '../../../gateway/uplink/claim.ts';
import { keepIdentity, loadIdentity, renewalDue } from '../../../gateway/uplink/identity.ts';
import { temporaryFolder } from '../../cloud/pki/temporary-folder.ts';
import { fill, makeRequest, newLog, startCloud, type TestCloud, until, uplinkTo } from './cloud-and-gateway.ts';

describe('claim', () => {
  let cloud: TestCloud;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: Server | undefined;
  beforeEach(async () => {
    [cloud, folder] = [await startCloud(), await temporaryFolder()];
  });
  afterEach(async () => {
    server?.closeAllConnections();
    await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
    server = undefined;
    await Promise.all([cloud.close(), folder.remove()]);
  });

  async function answering(listener: RequestListener): Promise<string> {
    const opened = createServer(listener);
    server = opened;
    await new Promise<void>((resolve) => opened.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(opened.address() as AddressInfo).port}`;
  }

  const issuing = (code: string, gateway: string, digits: string[] = []) =>
    answering((request, response) => {
      void (async () => {
        let body = '';
        for await (const chunk of request) body += String(chunk);
        const asked = ClaimRequest.parse(JSON.parse(body));
        if (asked.code !== code || request.url !== '/api/claim') return void response.writeHead(404).end('{}');
        const issued = await cloud.pki.issueGatewayCertificate(asked.csr, gateway);
        digits.push(issued.digits);
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(
          JSON.stringify({
            gateway,
            certificate: issued.certPem,
            ca: cloud.pki.caPem,
            uplink: `mqtts://127.0.0.1:${cloud.port}`,
          }),
        );
      })();
    });

  const ask = (url: string, more: { gatewayId?: string; code?: string } = {}) =>
    claim({ url, code: '0123456789', folder: folder.path, clock: systemClock, ...more });
  const failing = async (work: Promise<unknown>): Promise<ClaimError> => {
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(ClaimError);
    expect(await readdir(folder.path)).toEqual([]);
    return error as ClaimError;
  };

  it('turns a code into an identity the cloud lets in; both sides show the same six digits', async () => {
    const shown: string[] = [];
    const identity = await ask(await issuing('0123456789', 'gw-1', shown));
    expect(identity).toMatchObject({ gateway: 'gw-1', digits: shown[0] });
    expect(await loadIdentity(folder.path)).toEqual(identity);
    expect((await stat(join(folder.path, 'identity.json'))).mode & 0o777).toBe(0o600);
    expect(await readdir(folder.path)).toEqual(['identity.json']);
    const log = newLog();
    await fill(log, 'alarm', 3);
    const uplink = uplinkTo(async () => identity.connect, log);
    await until(() => cloud.ingest.stored('gw-1', 'e1', 'alarm').length === 3, 'the alarms');
    await uplink.stop();
  });

  it('says what to do when the code does not hold, and keeps nothing', async () => {
    const error = await failing(ask(await issuing('9999999999', 'gw-1')));
    expect(error).toMatchObject({ code: 'refused', sentence: { zh: expect.stringContaining('重新生成') } });
  });

  it('does not become another gateway than the one expected', async () => {
    expect(await failing(ask(await issuing('0123456789', 'gw-9'), { gatewayId: 'gw-1' }))).toMatchObject({ code: 'refused' });
  });

  it.each<[string, number, string, string]>([
    ['something that is no Yihu cloud', 200, '<html>welcome</html>', 'answer'],
    ['an answer with fields missing', 200, '{"gateway":"gw-1"}', 'answer'],
    ['a certificate that is none', 200, '{"gateway":"gw-1","certificate":"x","ca":"y","uplink":"mqtts://h:1"}', 'answer'],
    ['a server in trouble', 503, '', 'unreachable'],
    ['too many tries', 429, '', 'too-many'],
  ])('tells %s apart', async (_name, status, body, code) => {
    const url = await answering((_request, response) => void response.writeHead(status).end(body));
    expect(await failing(ask(url))).toMatchObject({ code });
  });

  it('does not take a certificate for another key', async () => {
    const { csr } = await makeRequest();
    const { certPem } = await cloud.pki.issueGatewayCertificate(csr, 'gw-1');
    const answer = { gateway: 'gw-1', certificate: certPem, ca: cloud.pki.caPem, uplink: 'mqtts://127.0.0.1:1' };
    const url = await answering((_request, response) => void response.writeHead(200).end(JSON.stringify(answer)));
    expect(await failing(ask(url))).toMatchObject({ code: 'answer' });
  });

  it('follows no redirect, and names an address that is none', async () => {
    const url = await answering((_request, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end());
    expect(await failing(ask(url))).toMatchObject({ code: 'unreachable' });
    expect(await failing(ask('yihu.example'))).toMatchObject({ code: 'address' });
    expect(await failing(ask('http://127.0.0.1:1'))).toMatchObject({ code: 'unreachable' });
  });

  it('says it where the gateway’s clock makes the certificate useless', async () => {
    const url = await issuing('0123456789', 'gw-1');
    const wrong = { ...systemClock, now: () => 0 };
    expect(await failing(claim({ url, code: '0123456789', folder: folder.path, clock: wrong }))).toMatchObject({ code: 'clock' });
  });

  it('renews over the present identity: a new key, the same name', async () => {
    const identity = await ask(await issuing('0123456789', 'gw-1'));
    const transport = async (present: typeof identity, csr: string) => {
      const { certPem } = await cloud.pki.issueGatewayCertificate(csr, present.gateway);
      return { gateway: present.gateway, certificate: certPem, ca: present.connect.ca, uplink: present.connect.url };
    };
    const renewed = await renew({ identity, folder: folder.path, clock: systemClock, ask: transport });
    expect(renewed.gateway).toBe('gw-1');
    expect(renewed.connect.key).not.toBe(identity.connect.key);
    expect(await loadIdentity(folder.path)).toEqual(renewed);
    const strange = async () => ({ ...(await transport(identity, (await makeRequest()).csr)) });
    await expect(renew({ identity: renewed, folder: folder.path, clock: systemClock, ask: strange })).rejects.toThrow(ClaimError);
    expect(await loadIdentity(folder.path)).toEqual(renewed);
  });

  it('is due for renewal at two thirds of its life', () => {
    const life = { notBefore: 0, notAfter: 90 };
    expect([59, 60, 61].map((now) => renewalDue(life, now))).toEqual([false, true, true]);
  });

  it('tells a damaged identity from none', async () => {
    expect(await loadIdentity(folder.path)).toBeUndefined();
    const identity = await ask(await issuing('0123456789', 'gw-1'));
    await keepIdentity(folder.path, { ...identity, gateway: 'NOT AN ID' });
    expect(await readFile(join(folder.path, 'identity.json'), 'utf8')).toContain('NOT AN ID');
    await expect(loadIdentity(folder.path)).rejects.toThrow();
  });
});
