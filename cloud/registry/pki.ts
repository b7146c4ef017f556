import 'reflect-metadata';
import { createHash, type webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { keyDigits } from '@yihu/device-profiles/vocabulary/claim.ts';
import { Id } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Clock } from '../clock.ts';
import { readIfThere, writePrivate } from './pki-files.ts';
import { keyFromPem, keyToPem, makeKeys, makeSerial, p256 } from './pki-keys.ts';

const day = 24 * 60 * 60 * 1000;
const authorityLifeMs = 20 * 365 * day;
const listenerLifeMs = 365 * day;
/** 网关证书: how long one is good for, where nothing else is said. */
export const gatewayLifeMs = 90 * day;
const revocationListLifeMs = 7 * day;
/** Certificates begin a day early, because a gateway's clock may be behind when it first speaks to us; short ones by as much of their life. */
const earlyMs = day;
const earlyPart = earlyMs / gatewayLifeMs;

export interface IssuedCertificate {
  readonly certPem: string;
  /** SHA-256 of the certificate, lower-case hex. */
  readonly fingerprint: string;
  /** Six digits of the gateway's public key; people compare them with those on the gateway. */
  readonly digits: string;
  /** Lower-case hex without leading zeros. */
  readonly serial: string;
  /** Milliseconds since 1970 UTC. */
  readonly notAfter: number;
}

export interface Revoked {
  readonly serial: string;
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
}

export interface Pki {
  readonly caPem: string;
  /**
   * Key and certificate of the MQTT listener for these host names and addresses; kept in the folder, made anew when
   * the names change or a third of its life is left.
   */
  listenerCertificate(names: readonly string[]): Promise<{ keyPem: string; certPem: string }>;
  /** @throws RequestRefused where the request is no PKCS #10, not P-256, or not signed by the key it names. */
  issueGatewayCertificate(csrPem: string, gatewayId: string): Promise<IssuedCertificate>;
  /** A signed list of what is revoked, PEM, valid for seven days. */
  revocationList(revoked: readonly Revoked[]): Promise<string>;
}

/** A certificate request that will never be granted; the message is for the log, the sentence for people is the caller's. */
export class RequestRefused extends Error {
  readonly code = 'csr-refused';
}

/** Opens the authority in `folder`; makes it at first start. Files are readable by their owner only. */
export async function openPki(options: {
  readonly folder: string;
  readonly clock: Clock;
  /** Of gateways' certificates. Default: ninety days. */
  readonly lifeMs?: number | undefined;
}): Promise<Pki> {
  const { folder, clock, lifeMs = gatewayLifeMs } = options;
  const { key, ca } = await openAuthority(folder, clock.now());
  return {
    caPem: `${ca.toString('pem')}\n`,
    listenerCertificate: (names) => listenerCertificate({ folder, key, ca, now: clock.now() }, names),
    issueGatewayCertificate: async (csrPem, gatewayId) =>
      issue({ key, ca, now: clock.now() }, csrPem, Id.parse(gatewayId), lifeMs),
    revocationList: (revoked) => revocationList({ key, ca, now: clock.now() }, revoked),
  };
}

interface Authority {
  readonly key: webcrypto.CryptoKey;
  readonly ca: x509.X509Certificate;
  readonly now: number;
}

async function openAuthority(folder: string, now: number): Promise<Omit<Authority, 'now'>> {
  const [keyPem, certPem] = [await readIfThere(folder, 'ca.key.pem'), await readIfThere(folder, 'ca.cert.pem')];
  if (keyPem !== undefined && certPem !== undefined) {
    return { key: await keyFromPem(keyPem), ca: new x509.X509Certificate(certPem) };
  }
  // A certificate without its key is an authority whose gateways would all be orphaned by a new one; that is for people to decide.
  if (certPem !== undefined)
    throw new Error(`${folder} holds ca.cert.pem without ca.key.pem; bring the key back from the backup`);
  const keys = await makeKeys();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: makeSerial(),
    name: 'CN=Yihu gateway authority',
    notBefore: new Date(now - earlyMs),
    notAfter: new Date(now + authorityLifeMs),
    signingAlgorithm: p256,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  await writePrivate(folder, 'ca.key.pem', await keyToPem(keys.privateKey));
  await writePrivate(folder, 'ca.cert.pem', `${ca.toString('pem')}\n`);
  return { key: keys.privateKey, ca };
}

async function listenerCertificate(
  authority: Authority & { readonly folder: string },
  names: readonly string[],
): Promise<{ keyPem: string; certPem: string }> {
  const { folder, now } = authority;
  const wanted = names.map((name) => ({ type: isAddress(name) ? ('ip' as const) : ('dns' as const), value: name }));
  const [keyPem, certPem] = [await readIfThere(folder, 'listener.key.pem'), await readIfThere(folder, 'listener.cert.pem')];
  if (keyPem !== undefined && certPem !== undefined && stillGood(certPem, wanted, now)) return { keyPem, certPem };
  const keys = await makeKeys();
  const certificate = await sign(authority, keys.publicKey, `CN=${names[0] ?? 'yihu'}`, listenerLifeMs, [
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension(wanted),
  ]);
  const made = { keyPem: await keyToPem(keys.privateKey), certPem: `${certificate.toString('pem')}\n` };
  await writePrivate(folder, 'listener.key.pem', made.keyPem);
  await writePrivate(folder, 'listener.cert.pem', made.certPem);
  return made;
}

function stillGood(certPem: string, wanted: readonly { type: string; value: string }[], now: number): boolean {
  const certificate = new x509.X509Certificate(certPem);
  const names = certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.toJSON() ?? [];
  const same = JSON.stringify(names) === JSON.stringify(wanted);
  return same && now < certificate.notAfter.getTime() - listenerLifeMs / 3 && now > certificate.notBefore.getTime();
}

function isAddress(name: string): boolean {
  return /^[0-9.]+$/.test(name) || name.includes(':');
}

async function issue(authority: Authority, csrPem: string, gatewayId: string, lifeMs: number): Promise<IssuedCertificate> {
  const publicKey = await provenKey(csrPem);
  const certificate = await sign(authority, publicKey, `CN=${gatewayId}`, lifeMs, [
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
    new x509.SubjectAlternativeNameExtension([{ type: 'url', value: `urn:yihu:gateway:${gatewayId}` }]),
  ]);
  return {
    certPem: `${certificate.toString('pem')}\n`,
    fingerprint: createHash('sha256').update(Buffer.from(certificate.rawData)).digest('hex'),
    digits: keyDigits(new Uint8Array(publicKey.rawData)),
    serial: certificate.serialNumber.toLowerCase().replace(/^0+(?=.)/, ''),
    notAfter: certificate.notAfter.getTime(),
  };
}

/** The key of a request, once the request has shown that its sender holds it. Nothing else in a request is believed. */
async function provenKey(csrPem: string): Promise<x509.PublicKey> {
  const request = readRequest(csrPem);
  const { algorithm } = request.publicKey;
  const isP256 = algorithm.name === 'ECDSA' && 'namedCurve' in algorithm && algorithm.namedCurve === 'P-256';
  if (!isP256) throw new RequestRefused('the key of a gateway is ECDSA on P-256');
  const holdsKey = await request.verify().catch(() => false);
  if (!holdsKey) throw new RequestRefused('the request was not signed by the key it names');
  return request.publicKey;
}

function readRequest(csrPem: string): x509.Pkcs10CertificateRequest {
  try {
    return new x509.Pkcs10CertificateRequest(csrPem);
  } catch (error) {
    throw new RequestRefused('not a certificate request in PEM', { cause: error });
  }
}

async function sign(
  authority: Authority,
  publicKey: x509.PublicKeyType,
  subject: string,
  lifeMs: number,
  extensions: x509.Extension[],
): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.create({
    serialNumber: makeSerial(),
    subject,
    issuer: authority.ca.subject,
    notBefore: new Date(authority.now - Math.min(earlyMs, Math.ceil(lifeMs * earlyPart))),
    notAfter: new Date(authority.now + lifeMs),
    signingAlgorithm: p256,
    publicKey,
    signingKey: authority.key,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      await x509.AuthorityKeyIdentifierExtension.create(authority.ca),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      ...extensions,
    ],
  });
}

async function revocationList(authority: Authority, revoked: readonly Revoked[]): Promise<string> {
  const list = await x509.X509CrlGenerator.create({
    issuer: authority.ca.subject,
    thisUpdate: new Date(authority.now),
    nextUpdate: new Date(authority.now + revocationListLifeMs),
    signingAlgorithm: p256,
    signingKey: authority.key,
    entries: revoked.map(({ serial, at }) => ({ serialNumber: serial, revocationDate: new Date(at) })),
  });
  return `${list.toString('pem')}\n`;
}
