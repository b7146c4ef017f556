import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { webcrypto } from 'node:crypto';
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { Entry, Lane, LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import { type AcceptServer, type ListenerOptions, startAccept } from '../../../cloud/accept/listener.ts';
import { createMemoryIngest, type MemoryIngest } from '../../../cloud/accept/memory-ingest.ts';
import { type Pki, openPki } from '../../../cloud/registry/pki.ts';
import { keyToPem, makeKeys, p256 } from '../../../cloud/registry/pki-keys.ts';
import { systemClock } from '../../../gateway/clock.ts';
import { MemoryLog } from '../../../gateway/store/memory-log.ts';
import type { Connect } from '../../../gateway/uplink/link.ts';
import { type Uplink, type UplinkOptions, startUplink } from '../../../gateway/uplink/uplink.ts';
import { recordOf } from '../../cloud/accept/entries.ts';

export const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A cloud's listener with a certificate authority of its own, on a free port, and what it committed. */
export interface TestCloud {
  readonly pki: Pki;
  readonly ingest: MemoryIngest;
  server: AcceptServer;
  readonly port: number;
  /** Stops the listener and starts another on the same port, over the same records. */
  restart(): Promise<void>;
  identity(gateway: string): Promise<{ connect: Connect; serial: string }>;
  close(): Promise<void>;
}

export async function startCloud(options: Partial<ListenerOptions> = {}): Promise<TestCloud> {
  const folder = await mkdtemp(join(tmpdir(), 'yihu-cloud-'));
  const pki = await openPki({ folder, clock: systemClock });
  const { keyPem, certPem } = await pki.listenerCertificate(['127.0.0.1', 'localhost']);
  const ingest = createMemoryIngest();
  const start = (port: number) =>
    startAccept({
      tls: { key: keyPem, cert: certPem, ca: pki.caPem },
      ingest,
      clock: systemClock,
      logger: silent,
      host: '127.0.0.1',
      port,
      isRevoked: () => false,
      ...options,
    });
  const first = await start(0);
  const { port } = first.address();
  const cloud: TestCloud = {
    pki,
    ingest,
    server: first,
    port,
    restart: async () => {
      await cloud.server.stop();
      cloud.server = await start(port);
    },
    identity: async (gateway) => {
      const { csr, keyPem: key } = await makeRequest();
      const { certPem: cert, serial } = await pki.issueGatewayCertificate(csr, gateway);
      return { connect: { url: `mqtts://127.0.0.1:${port}`, ca: pki.caPem, cert, key }, serial };
    },
    close: async () => {
      await cloud.server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return cloud;
}

export async function makeRequest(): Promise<{ csr: string; keyPem: string; keys: webcrypto.CryptoKeyPair }> {
  const keys = await makeKeys();
  const request = await x509.Pkcs10CertificateRequestGenerator.create({ name: 'CN=x', keys, signingAlgorithm: p256 });
  return { csr: request.toString('pem'), keyPem: await keyToPem(keys.privateKey), keys };
}

export function newLog(epoch = 'e1'): MemoryLog {
  return new MemoryLog({ readers: ['uplink'], clock: systemClock, epoch });
}

export function uplinkTo(connect: UplinkOptions['connect'], log: MemoryLog, options: Partial<UplinkOptions> = {}): Uplink {
  return startUplink({ gateway: 'gw-1', log, connect, clock: systemClock, chance: () => 0.1, logger: silent, ...options });
}

/** Appends `count` records to a lane, in commits of `group`; returns the last sequence. */
export async function fill(log: MemoryLog, lane: Lane, count: number, group = 50): Promise<number> {
  let last = (await log.stats()).lanes[lane].last;
  for (let left = count; left > 0; left -= group) {
    const from = last;
    const records = Array.from({ length: Math.min(group, left) }, (_, index) => recordOf(lane, from + index + 1));
    await log.append(
      lane === 'alarm' ? { alarm: records, telemetry: [], state: [] } : { alarm: [], telemetry: records, state: [] },
    );
    last = from + records.length;
  }
  return last;
}

/** Every sequence once, in order, with the content it was given; gaps count for their range. */
export function isWhole(entries: readonly Entry[], lane: Lane, last: number): boolean {
  let expected = 1;
  for (const { seq, through, record } of entries) {
    if (seq !== expected) return false;
    if (record.kind !== 'gap' && !sameRecord(record, recordOf(lane, seq))) return false;
    expected = through + 1;
  }
  return expected === last + 1;
}

function sameRecord(one: LogRecord, other: LogRecord): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

/** Resolves when `holds` does; asks again at every turn of the loop's timers. */
export async function until(holds: () => boolean | Promise<boolean>, what: string, withinMs = 20_000): Promise<void> {
  const end = systemClock.mono() + withinMs;
  while (!(await holds())) {
    if (systemClock.mono() > end) throw new Error(`waited ${withinMs} ms for: ${what}`);
    await systemClock.sleep(5);
  }
}
