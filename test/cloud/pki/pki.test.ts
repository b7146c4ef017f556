import 'reflect-metadata';
import { createPublicKey, webcrypto, X509Certificate } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keyDigits } from '@yihu/device-profiles/vocabulary/claim.ts';
import { type Clock, systemClock } from '../../../cloud/clock.ts';
import { openPki, RequestRefused } from '../../../cloud/registry/pki.ts';
import { makeRequest } from '../../gateway/uplink/cloud-and-gateway.ts';
import { temporaryFolder } from './temporary-folder.ts';

const day = 24 * 60 * 60 * 1000;

describe('the certificate authority', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let now = systemClock.now();
  const clock: Clock = { ...systemClock, now: () => now };
  beforeEach(async () => {
    now = systemClock.now();
    folder = await temporaryFolder();
  });
  afterEach(() => folder.remove());
  const open = () => openPki({ folder: folder.path, clock });

  it('is made once and found again; its files are readable by their owner only', async () => {
    const [first, second] = [await open(), await open()];
    await first.listenerCertificate(['cloud.example']);
    expect(second.caPem).toBe(first.caPem);
    const authority = new X509Certificate(first.caPem);
    expect(authority.ca).toBe(true);
    expect(authority.verify(authority.publicKey)).toBe(true);
    const names = await readdir(folder.path);
    expect(names.sort()).toEqual(['ca.cert.pem', 'ca.key.pem', 'listener.cert.pem', 'listener.key.pem']);
    for (const name of names) expect((await stat(join(folder.path, name))).mode & 0o777).toBe(0o600);
  });

  it('does not make a new authority where the key of the old one is missing', async () => {
    await open();
    await rm(join(folder.path, 'ca.key.pem'));
    await expect(open()).rejects.toThrow('backup');
  });

  it('makes the listener’s certificate for its names, keeps it, and renews it in time', async () => {
    const pki = await open();
    const first = await pki.listenerCertificate(['cloud.example', '192.0.2.7', '::1']);
    const certificate = new X509Certificate(first.certPem);
    expect(certificate.checkHost('cloud.example')).toBe('cloud.example');
    expect(certificate.checkIP('192.0.2.7')).toBe('192.0.2.7');
    expect(certificate.checkHost('other.example')).toBeUndefined();
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect((await pki.listenerCertificate(['cloud.example', '192.0.2.7', '::1'])).certPem).toBe(first.certPem);
    expect((await pki.listenerCertificate(['cloud.example'])).certPem).not.toBe(first.certPem);
    const kept = await pki.listenerCertificate(['cloud.example']);
    now += 250 * day;
    expect((await pki.listenerCertificate(['cloud.example'])).certPem).not.toBe(kept.certPem);
  });

  it('issues a gateway its name, for ninety days, for a client only', async () => {
    const pki = await open();
    const { csr, keyPem } = await makeRequest();
    const issued = await pki.issueGatewayCertificate(csr, 'gw-7');
    const certificate = new X509Certificate(issued.certPem);
    expect(certificate.verify(new X509Certificate(pki.caPem).publicKey)).toBe(true);
    expect(certificate.subjectAltName).toBe('URI:urn:yihu:gateway:gw-7');
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(certificate.ca).toBe(false);
    expect(issued.notAfter).toBe(Math.floor((now + 90 * day) / 1000) * 1000);
    expect(issued.fingerprint).toBe(certificate.fingerprint256.replaceAll(':', '').toLowerCase());
    expect(issued.serial).toBe(certificate.serialNumber.toLowerCase().replace(/^0+/, ''));
    expect(issued.digits).toBe(keyDigits(createPublicKey(keyPem).export({ format: 'der', type: 'spki' })));
    expect(issued.digits).toMatch(/^\d{6}$/);
  });

  it('gives every certificate a serial of its own', async () => {
    const pki = await open();
    const { csr } = await makeRequest();
    const serials = await Promise.all(
      Array.from({ length: 20 }, async () => (await pki.issueGatewayCertificate(csr, 'gw-7')).serial),
    );
    expect(new Set(serials).size).toBe(20);
  });

  it('takes nothing of a request but its key', async () => {
    const pki = await open();
    const { keys } = await makeRequest();
    const greedy = await x509.Pkcs10CertificateRequestGenerator.create({
      name: 'CN=gw-1',
      keys,
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
      extensions: [
        new x509.BasicConstraintsExtension(true, 3, true),
        new x509.SubjectAlternativeNameExtension([{ type: 'url', value: 'urn:yihu:gateway:gw-1' }]),
      ],
    });
    const certificate = new X509Certificate((await pki.issueGatewayCertificate(greedy.toString('pem'), 'gw-2')).certPem);
    expect([certificate.subject, certificate.subjectAltName, certificate.ca]).toEqual([
      'CN=gw-2',
      'URI:urn:yihu:gateway:gw-2',
      false,
    ]);
  });

  it('refuses a request whose sender does not hold the key', async () => {
    const pki = await open();
    const [own, other] = [await makeRequest(), await makeRequest()];
    const [mine, theirs] = [new x509.Pkcs10CertificateRequest(own.csr), new x509.Pkcs10CertificateRequest(other.csr)];
    const bytes = Buffer.from(mine.rawData);
    const key = Buffer.from(mine.publicKey.rawData);
    Buffer.from(theirs.publicKey.rawData).copy(bytes, bytes.indexOf(key));
    const stolen = new x509.Pkcs10CertificateRequest(bytes).toString('pem');
    await expect(pki.issueGatewayCertificate(stolen, 'gw-1')).rejects.toThrow(RequestRefused);
  });

  it.each(['', 'nonsense', '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----'])(
    'refuses %j as a request',
    async (csr) => {
      const pki = await open();
      await expect(pki.issueGatewayCertificate(csr, 'gw-1')).rejects.toThrow(RequestRefused);
    },
  );

  it('refuses keys that are not P-256, and names that are no id', async () => {
    const pki = await open();
    const p384 = { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' };
    const keys = await webcrypto.subtle.generateKey(p384, true, ['sign', 'verify']);
    const request = await x509.Pkcs10CertificateRequestGenerator.create({ name: 'CN=x', keys, signingAlgorithm: p384 });
    await expect(pki.issueGatewayCertificate(request.toString('pem'), 'gw-1')).rejects.toThrow(RequestRefused);
    await expect(pki.issueGatewayCertificate((await makeRequest()).csr, 'GW/1')).rejects.toThrow();
  });

  it('signs a list of what is revoked', async () => {
    const pki = await open();
    const { serial } = await pki.issueGatewayCertificate((await makeRequest()).csr, 'gw-1');
    const list = new x509.X509Crl(await pki.revocationList([{ serial, at: now }]));
    expect(await list.verify({ publicKey: new x509.X509Certificate(pki.caPem) })).toBe(true);
    expect(list.findRevoked(serial)?.serialNumber).toBe(serial);
    expect(list.findRevoked('00aa')).toBeNull();
    expect(list.nextUpdate?.getTime()).toBeGreaterThan(now);
  });

  it('keeps no key anywhere but in its key files', async () => {
    const pki = await open();
    await pki.listenerCertificate(['cloud.example']);
    for (const name of ['ca.cert.pem', 'listener.cert.pem']) {
      expect(await readFile(join(folder.path, name), 'utf8')).not.toContain('PRIVATE KEY');
    }
  });
});
