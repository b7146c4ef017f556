import { randomBytes } from 'node:crypto';
import type { RenewAnswer } from '@yihu/device-profiles/vocabulary/claim.ts';
import { type Clock, every } from './clock.ts';
import { limits } from './limits.ts';
import type { Admission, ClaimRecords } from './records/claims.ts';
import { claimMac, judgeClaim, makeClaimCode, showClaimCode } from './registry/claim-code.ts';
import { type IssuedCertificate, type Pki, RequestRefused } from './registry/pki.ts';

/** 认领 and revocation wired: codes and certificates in the database, the answer to "may it in?" in memory. */
export interface Admitting {
  exists(gateway: string): Promise<boolean>;
  offer(gateway: string, by: string): Promise<{ readonly code: string; readonly expiresAt: number }>;
  claim(code: string, csr: string): Promise<ClaimResult>;
  /** 换证 for a gateway that came in by a certificate that is still valid. */
  renew(gateway: string, csr: string): Promise<RenewAnswer>;
  /** Certificates of the gateway are refused from now on, also by other processes of this database within the poll. */
  revoke(gateway: string): Promise<void>;
  /** From memory. A gateway that is not in the records is not let in, whoever signed its certificate. */
  isRevoked(serial: string, gateway: string): boolean;
  /** Reads again who is let in; `onGone` hears of each gateway that no longer is. */
  refresh(): Promise<void>;
  stop(): void;
}

export type ClaimResult =
  | {
      readonly ok: true;
      readonly value: { readonly gateway: string; readonly certificate: string; readonly ca: string; readonly digits: string };
    }
  | { readonly ok: false; readonly code: 'wrong-code' | 'bad-csr' };

export interface AdmitOptions {
  readonly records: ClaimRecords;
  readonly pki: Pki;
  /** The cloud's own secret for the codes. */
  readonly secret: Uint8Array;
  readonly clock: Clock;
  /** Of certificates, where it is not ninety days. */
  readonly lifeMs?: number | undefined;
  readonly onGone: (gateway: string) => void;
  readonly onError: (error: unknown) => void;
}

export async function openAdmission(options: AdmitOptions): Promise<Admitting> {
  const { records, clock, onGone, onError } = options;
  const renewedMono = new Map<string, number>();
  let admission: Admission = await records.admission();
  const refresh = async (): Promise<void> => {
    const before = admission;
    admission = await records.admission();
    for (const gateway of before.gateways) if (!admission.gateways.has(gateway)) onGone(gateway);
  };
  const stop = every(clock, limits.admissionPollMs, () => void refresh().catch(onError));
  return {
    exists: (gateway) => records.gatewayExists(gateway),
    offer: (gateway, by) => offer(options, gateway, by),
    claim: async (code, csr) => {
      const result = await claim(options, code, csr);
      await refresh();
      return result;
    },
    renew: (gateway, csr) => renew(options, renewedMono, gateway, csr),
    revoke: async (gateway) => {
      await records.revokeCertificates(gateway, clock.now());
      await refresh();
      onGone(gateway);
    },
    isRevoked: (serial, gateway) => admission.revokedSerials.has(serial) || !admission.gateways.has(gateway),
    refresh,
    stop,
  };
}

/** A new code for the gateway; the ones still open for it are gone. */
async function offer({ records, secret, clock }: AdmitOptions, gateway: string, by: string) {
  const now = clock.now();
  const { code, record } = makeClaimCode(secret, now, randomBytes);
  await records.putClaim({ ...record, gateway, createdBy: by, createdAt: now });
  return { code: showClaimCode(code), expiresAt: record.expiresAt };
}

/** The request is checked before the code is used up, so that a broken request costs a try and not the code. */
async function claim({ records, pki, secret, clock }: AdmitOptions, typed: string, csr: string): Promise<ClaimResult> {
  const mac = claimMac(secret, typed);
  const found = mac === undefined ? undefined : await records.tryClaim(mac, limits.claimTries);
  if (mac === undefined || found === undefined || !judgeClaim(found, clock.now()).holds) return { ok: false, code: 'wrong-code' };
  const issued = await issueOrNull(pki, csr, found.gateway);
  if (issued === null) return { ok: false, code: 'bad-csr' };
  const { serial, fingerprint, notAfter, certPem, digits } = issued;
  const first = await records.useClaim(mac, { serial, gateway: found.gateway, fingerprint, issuedAt: clock.now(), notAfter });
  if (!first) return { ok: false, code: 'wrong-code' };
  return { ok: true, value: { gateway: found.gateway, certificate: certPem, ca: pki.caPem, digits } };
}

/** The one before is not revoked: a gateway that lost our answer still has it, and asks again. */
async function renew(
  { records, pki, clock, lifeMs }: AdmitOptions,
  renewedMono: Map<string, number>,
  gateway: string,
  csr: string,
): Promise<RenewAnswer> {
  const last = renewedMono.get(gateway);
  if (last !== undefined && clock.mono() - last < Math.min(limits.renewEveryMs, (lifeMs ?? limits.renewEveryMs * 3) / 3))
    return { refused: 'too-soon' };
  const issued = await issueOrNull(pki, csr, gateway);
  if (issued === null) return { refused: 'bad-csr' };
  const { serial, fingerprint, notAfter, certPem } = issued;
  if (!(await records.addCertificate({ serial, gateway, fingerprint, issuedAt: clock.now(), notAfter })))
    return { refused: 'unknown-gateway' };
  renewedMono.set(gateway, clock.mono());
  return { certificate: certPem, ca: pki.caPem };
}

async function issueOrNull(pki: Pki, csr: string, gateway: string): Promise<IssuedCertificate | null> {
  try {
    return await pki.issueGatewayCertificate(csr, gateway);
  } catch (error) {
    if (error instanceof RequestRefused) return null;
    throw error;
  }
}
