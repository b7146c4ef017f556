import 'reflect-metadata';
import { readFile } from 'node:fs/promises';
import * as x509 from '@peculiar/x509';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startAccept } from '../../../cloud/accept/listener.ts';
import { systemClock } from '../../../cloud/clock.ts';
import { openPki } from '../../../cloud/registry/pki.ts';
import { keyFromPem, keyToPem, makeKeys, makeSerial, p256 } from '../../../cloud/registry/pki-keys.ts';
import { makeRequest, startCloud, type TestCloud } from '../../gateway/uplink/cloud-and-gateway.ts';
import { temporaryFolder } from '../pki/temporary-folder.ts';

interface Credentials {
  readonly ca: string;
  readonly cert?: string;
  readonly key?: string;
}

const day = 24 * 60 * 60 * 1000;

describe('the listener looks at the certificate', () => {
  let cloud: TestCloud;
  const clients: MqttClient[] = [];
  beforeEach(async () => {
    cloud = await startCloud();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.end(true);
    await cloud.close();
  });

  /** Whether a client with these is let in. */
  async function isLetIn(credentials: Credentials): Promise<boolean> {
    const options: IClientOptions = { clientId: 'gw-1', keepalive: 15, reconnectPeriod: 0, ...credentials };
    const client = mqtt.connect(`mqtts://127.0.0.1:${cloud.port}`, options);
    clients.push(client);
    client.on('error', () => undefined);
    return new Promise((resolve) => {
      client.once('connect', () => resolve(true));
      client.once('close', () => resolve(false));
    });
  }

  /** A certificate made as ours are, with something wrong. */
  async function flawed(change: {
    days?: [number, number];
    usage?: x509.ExtendedKeyUsageType[];
    names?: string[];
  }): Promise<Credentials> {
    const folder = await temporaryFolder();
    const pki = await openPki({ folder: folder.path, clock: systemClock });
    const authority = new x509.X509Certificate(pki.caPem);
    const keys = await makeKeys();
    const signingKey = await keyFromPem(await readFile(`${folder.path}/ca.key.pem`, 'utf8'));
    const [from, to] = change.days ?? [-1, 90];
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: makeSerial(),
      subject: 'CN=gw-1',
      issuer: authority.subject,
      notBefore: new Date(systemClock.now() + from * day),
      notAfter: new Date(systemClock.now() + to * day),
      signingAlgorithm: p256,
      publicKey: keys.publicKey,
      signingKey,
      extensions: [
        new x509.ExtendedKeyUsageExtension(change.usage ?? [x509.ExtendedKeyUsage.clientAuth]),
        new x509.SubjectAlternativeNameExtension(
          (change.names ?? ['gw-1']).map((name) => ({ type: 'url', value: `urn:yihu:gateway:${name}` })),
        ),
      ],
    });
    await cloud.server.stop();
    const { keyPem, certPem } = await pki.listenerCertificate(['127.0.0.1']);
    await folder.remove();
    cloud.server = await startAccept({
      tls: { key: keyPem, cert: certPem, ca: pki.caPem },
      ingest: cloud.ingest,
      clock: systemClock,
      logger: { info: () => undefined, warn: () => undefined },
      host: '127.0.0.1',
      port: cloud.port,
      isRevoked: () => false,
    });
    return { ca: pki.caPem, cert: certificate.toString('pem'), key: await keyToPem(keys.privateKey) };
  }

  it('refuses a certificate of another authority', async () => {
    const folder = await temporaryFolder();
    const stranger = await openPki({ folder: folder.path, clock: systemClock });
    const { csr, keyPem } = await makeRequest();
    const { certPem } = await stranger.issueGatewayCertificate(csr, 'gw-1');
    expect(await isLetIn({ ca: cloud.pki.caPem, cert: certPem, key: keyPem })).toBe(false);
    await folder.remove();
  });

  it('refuses a peer without a certificate', async () => {
    expect(await isLetIn({ ca: cloud.pki.caPem })).toBe(false);
    expect(cloud.server.counters().refused['certificate']).toBe(1);
  });

  it.each<[string, Parameters<typeof flawed>[0], boolean]>([
    ['that is as ours are', {}, true],
    ['that has expired', { days: [-90, -1] }, false],
    ['that is not valid yet', { days: [2, 90] }, false],
    ['that is meant for servers', { usage: [x509.ExtendedKeyUsage.serverAuth] }, false],
    ['that names two gateways', { names: ['gw-1', 'gw-2'] }, false],
    ['that names none', { names: [] }, false],
    ['whose name is no id', { names: ['GW/+/#'] }, false],
  ])('a certificate %s', async (_name, change, good) => {
    expect(await isLetIn(await flawed(change))).toBe(good);
    expect(cloud.server.counters().sessions).toBe(good ? 1 : 0);
  });
});
