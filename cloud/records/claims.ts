import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.ts';

/** A claim code as kept: `mac` is its HMAC, never the code. Times are ms since 1970 UTC. */
export interface StoredClaim {
  readonly mac: string;
  readonly gateway: string;
  readonly expiresAt: number;
  readonly usedAt?: number | undefined;
}

export interface StoredCertificate {
  readonly serial: string;
  readonly gateway: string;
  readonly fingerprint: string;
  readonly issuedAt: number;
  readonly notAfter: number;
}

/** Who is let in by certificate: gateways that exist and are not revoked, and serials that are. */
export interface Admission {
  readonly gateways: ReadonlySet<string>;
  readonly revokedSerials: ReadonlySet<string>;
}

export interface ClaimRecords {
  /** Replaces the codes still open for that gateway: there is one at a time. */
  putClaim(claim: StoredClaim & { readonly createdBy: string; readonly createdAt: number }): Promise<void>;
  /** Finds a code and counts the try; undefined where it is unknown or has had its tries. */
  tryClaim(mac: string, tries: number): Promise<StoredClaim | undefined>;
  /**
   * Uses the code up and keeps its certificate, in one transaction; what the gateway held before is revoked with it.
   * False where somebody else was first, and then nothing is kept.
   */
  useClaim(mac: string, certificate: StoredCertificate): Promise<boolean>;
  /** Keeps one more certificate of a gateway; what it held before stays valid. False where there is no such gateway, or it is revoked. */
  addCertificate(certificate: StoredCertificate): Promise<boolean>;
  gatewayExists(gateway: string): Promise<boolean>;
  revokeCertificates(gateway: string, at: number): Promise<void>;
  admission(): Promise<Admission>;
}

export function claimRecords(db: Kysely<Tables>): ClaimRecords {
  return {
    putClaim: (claim) =>
      db.transaction().execute(async (trx) => {
        await sql`delete from claim where gateway = ${claim.gateway} and used_at is null`.execute(trx);
        await sql`
          insert into claim (mac, gateway, created_by, created_at, expires_at)
          values (${claim.mac}, ${claim.gateway}, ${claim.createdBy}, ${claim.createdAt}, ${claim.expiresAt})`.execute(trx);
      }),
    tryClaim: (mac, tries) => tryClaim(db, mac, tries),
    useClaim: (mac, certificate) => useClaim(db, mac, certificate),
    addCertificate: (certificate) => addCertificate(db, certificate),
    gatewayExists: async (gateway) => {
      const { rows } = await sql`select 1 from gateway where id = ${gateway}`.execute(db);
      return rows.length > 0;
    },
    revokeCertificates: async (gateway, at) => {
      await sql`update gateway_certificate set revoked_at = ${at} where gateway = ${gateway} and revoked_at is null`.execute(db);
    },
    admission: () => admission(db),
  };
}

async function tryClaim(db: Kysely<Tables>, mac: string, tries: number): Promise<StoredClaim | undefined> {
  const { rows } = await sql<{ gateway: string; expires_at: number; used_at: number | null }>`
    update claim set tries = tries + 1 where mac = ${mac} and tries < ${tries}
    returning gateway, expires_at, used_at`.execute(db);
  const row = rows[0];
  return row && { mac, gateway: row.gateway, expiresAt: row.expires_at, usedAt: row.used_at ?? undefined };
}

function useClaim(db: Kysely<Tables>, mac: string, certificate: StoredCertificate): Promise<boolean> {
  const { serial, gateway, fingerprint, issuedAt, notAfter } = certificate;
  return db.transaction().execute(async (trx) => {
    const { rows } = await sql`
      update claim set used_at = ${issuedAt} where mac = ${mac} and used_at is null returning gateway`.execute(trx);
    if (rows.length === 0) return false;
    await sql`update gateway_certificate set revoked_at = ${issuedAt} where gateway = ${gateway} and revoked_at is null`.execute(
      trx,
    );
    await sql`
      insert into gateway_certificate (serial, gateway, fingerprint, issued_at, not_after)
      values (${serial}, ${gateway}, ${fingerprint}, ${issuedAt}, ${notAfter})`.execute(trx);
    await sql`
      update gateway set certificate_serial = ${serial}, certificate_fingerprint = ${fingerprint},
        certificate_until = ${notAfter}, state = case when state = 'unclaimed' then 'offline' else state end
      where id = ${gateway}`.execute(trx);
    return true;
  });
}

function addCertificate(db: Kysely<Tables>, { serial, gateway, fingerprint, issuedAt, notAfter }: StoredCertificate) {
  return db.transaction().execute(async (trx) => {
    const { rows } = await sql`
      update gateway set certificate_serial = ${serial}, certificate_fingerprint = ${fingerprint}, certificate_until = ${notAfter}
      where id = ${gateway} and state <> 'revoked' returning id`.execute(trx);
    if (rows.length === 0) return false;
    await sql`
      insert into gateway_certificate (serial, gateway, fingerprint, issued_at, not_after)
      values (${serial}, ${gateway}, ${fingerprint}, ${issuedAt}, ${notAfter})`.execute(trx);
    return true;
  });
}

async function admission(db: Kysely<Tables>): Promise<Admission> {
  const gateways = await sql<{ id: string }>`select id from gateway where state <> 'revoked'`.execute(db);
  const serials = await sql<{ serial: string }>`
    select serial from gateway_certificate where revoked_at is not null`.execute(db);
  return {
    gateways: new Set(gateways.rows.map(({ id }) => id)),
    revokedSerials: new Set(serials.rows.map(({ serial }) => serial)),
  };
}
