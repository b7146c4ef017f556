import 'reflect-metadata';
import { createPrivateKey, createPublicKey, webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { ClaimAnswer, keyDigits } from '@yihu/device-profiles/vocabulary/claim.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Clock } from '../clock.ts';
import { claimSentences } from './claim-sentences.ts';
import { type Identity, keepIdentity } from './identity.ts';

const p256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const answerWithinMs = 15_000;

export type ClaimErrorCode = 'address' | 'unreachable' | 'refused' | 'too-many' | 'answer' | 'clock' | 'folder';

/** Why a claim did not succeed, with a sentence for the installer; `message` is the detail for the log. */
export class ClaimError extends Error {
  readonly code: ClaimErrorCode;
  readonly sentence: Text;
  constructor(code: ClaimErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ClaimError';
    this.code = code;
    this.sentence = claimSentences[code];
  }
}

export interface ClaimOptions {
  /** The cloud's address as people type it into a browser, `https://…`. */
  readonly url: string;
  readonly code: string;
  /** Expected id: the claim fails where the code belongs to another gateway. */
  readonly gatewayId?: string | undefined;
  /** Where the identity is kept, mode 0600. */
  readonly folder: string;
  readonly clock: Clock;
}

/**
 * 认领: makes a key that never leaves this machine, exchanges the one-time code and a certificate request for an
 * identity, and keeps it. Nothing is kept when it fails.
 * @throws ClaimError
 */
export async function claim(options: ClaimOptions): Promise<Identity> {
  const keys = await makeKeys();
  const csr = await makeRequest(keys);
  const answer = await ask(endpoint(options.url), { code: options.code, csr });
  const identity = withSiteKey(identityOf(answer, await keyPem(keys.privateKey)), answer.siteKey);
  checkIdentity(identity, options);
  await keepIdentity(options.folder, identity).catch((error: unknown) => {
    throw new ClaimError('folder', `cannot write to ${options.folder}`, { cause: error });
  });
  return identity;
}

/** Sends a certificate request over the identity that is still valid and gives back what the cloud answers. */
export type RenewTransport = (identity: Identity, csr: string) => Promise<ClaimAnswer>;

/**
 * 换证 over the present identity: a new key and a new certificate; the old ones stay in force until the new ones are
 * on disk. The way to the cloud is handed in: the connection that the present identity made.
 * @throws ClaimError where the answer is not a certificate for this gateway and this key.
 */
export async function renew(options: {
  readonly identity: Identity;
  readonly folder: string;
  readonly clock: Clock;
  readonly ask: RenewTransport;
}): Promise<Identity> {
  const keys = await makeKeys();
  const answer = await options.ask(options.identity, await makeRequest(keys));
  const { siteKey } = options.identity;
  const identity = withSiteKey(identityOf(answer, await keyPem(keys.privateKey)), siteKey);
  checkIdentity(identity, { gatewayId: options.identity.gateway, clock: options.clock });
  await keepIdentity(options.folder, identity);
  return identity;
}

/** A certificate is renewed on the line; the key that sites are signed with is not. */
function withSiteKey(identity: Identity, siteKey: string | undefined): Identity {
  return siteKey === undefined ? identity : { ...identity, siteKey };
}

function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(p256, true, ['sign', 'verify']);
}

async function makeRequest(keys: webcrypto.CryptoKeyPair): Promise<string> {
  const request = await x509.Pkcs10CertificateRequestGenerator.create({ name: 'CN=gateway', keys, signingAlgorithm: p256 });
  return request.toString('pem');
}

async function keyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' }).toString();
}

function endpoint(url: string): URL {
  const base = URL.parse(url);
  if (base === null || !/^https?:$/.test(base.protocol)) throw new ClaimError('address', `not an http address: ${url}`);
  return new URL('/api/claim', base);
}

async function ask(url: URL, body: { code: string; csr: string }): Promise<ClaimAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    redirect: 'error',
    signal: AbortSignal.timeout(answerWithinMs),
  }).catch((error: unknown) => {
    throw new ClaimError('unreachable', `no answer from ${url.host}`, { cause: error });
  });
  if (response.status === 429) throw new ClaimError('too-many', 'the cloud asks to wait');
  if (response.status >= 500) throw new ClaimError('unreachable', `the cloud answered ${response.status}`);
  if (!response.ok) throw new ClaimError('refused', `the cloud answered ${response.status}`);
  return readAnswer(response);
}

async function readAnswer(response: Response): Promise<ClaimAnswer> {
  try {
    return ClaimAnswer.parse(await response.json());
  } catch (error) {
    throw new ClaimError('answer', 'the answer is not what a Yihu cloud sends', { cause: error });
  }
}

function identityOf(answer: ClaimAnswer, key: string): Identity {
  try {
    const certificate = new X509Certificate(answer.certificate);
    if (!certificate.checkPrivateKey(createPrivateKey(key))) throw new Error('the certificate is for another key');
    if (!certificate.verify(new X509Certificate(answer.ca).publicKey))
      throw new Error('the certificate is not signed by the authority');
    const spki = createPublicKey(createPrivateKey(key)).export({ format: 'der', type: 'spki' });
    return {
      gateway: answer.gateway,
      connect: { url: answer.uplink, ca: answer.ca, cert: answer.certificate, key },
      digits: keyDigits(spki),
      notBefore: Date.parse(certificate.validFrom),
      notAfter: Date.parse(certificate.validTo),
    };
  } catch (error) {
    throw new ClaimError('answer', 'the certificate in the answer cannot be used', { cause: error });
  }
}

function checkIdentity(identity: Identity, wanted: { readonly gatewayId?: string | undefined; readonly clock: Clock }): void {
  if (wanted.gatewayId !== undefined && wanted.gatewayId !== identity.gateway) {
    throw new ClaimError('refused', `the code belongs to ${identity.gateway}, not to ${wanted.gatewayId}`);
  }
  const now = wanted.clock.now();
  if (now < identity.notBefore || now > identity.notAfter)
    throw new ClaimError('clock', `clock ${now} is outside the certificate`);
}
