import { hostname } from 'node:os';
import { joinCluster } from './accept/cluster.ts';
import { type AcceptServer, startAccept } from './accept/listener.ts';
import { type Admitting, openAdmission } from './admit.ts';
import type { Clock } from './clock.ts';
import type { CloudConfig, Endpoint } from './config.ts';
import type { DataFolder } from './data-folder.ts';
import type { createLog } from './log.ts';
import { listenerNames, uplinkUrl } from './names.ts';
import type { Pipeline } from './pipeline.ts';
import { type Delivery, startDelivery } from './pushing.ts';
import { claimRecords } from './records/claims.ts';
import type { Database } from './records/database.ts';
import { sitePushRecords } from './records/site-pushes.ts';
import { uplinkGateways } from './records/uplink-gateways.ts';
import type { Pki } from './registry/pki.ts';
import { listenProblem } from './start-problem.ts';

interface Parts {
  readonly options: Partial<CloudConfig> & { readonly gatewayCertificateMs?: number | undefined };
  readonly clock: Clock;
  readonly log: ReturnType<typeof createLog>;
  readonly data: DataFolder;
  readonly database: Database;
  readonly pki: Pki;
  readonly pipeline: Pipeline;
  /** Hears how to close what was opened, in order. */
  readonly closing: (step: () => Promise<void> | void) => void;
}

export interface Uplink {
  /** Null where other processes take what gateways say. */
  readonly accept: Receiving | null;
  /** Where gateways connect; `reachedBy` is the host name somebody found us under. */
  readonly url: (reachedBy: string) => string;
  readonly admission: Admitting;
  readonly delivery: Delivery;
}

type Receiving = Omit<AcceptServer, 'address'>;

/** What lets gateways in and takes what they say: our own listener, a worker behind a broker, or neither. */
export async function openUplink(parts: Parts, accepts: boolean): Promise<Uplink> {
  const { options, clock, log, data, database, pki, closing } = parts;
  const admission = await openAdmission({
    records: claimRecords(database.db),
    pki,
    secret: data.secret,
    lifeMs: options.gatewayCertificateMs,
    clock,
    onGone: (gateway) => accept?.disconnect(gateway),
    onError: (error) => log.error({ err: error }, 'who is let in could not be read'),
  });
  closing(() => admission.stop());
  let accept: Receiving | null = null;
  const delivery = startDelivery({
    records: sitePushRecords(database.db),
    clock,
    send: (gateway, payload) => accept?.send(gateway, 'command', payload) ?? false,
    onError: (error) => log.error({ err: error }, 'pushed sites could not be looked at'),
    onFault: (gateway, fault) => log.warn({ gateway, ...fault }, 'a gateway did nothing with a pushed site'),
  });
  closing(() => delivery.stop());
  const port = options.uplinkListen?.port ?? 8883;
  if (!accepts)
    return { accept, admission, delivery, url: (reachedBy) => options.broker?.url ?? uplinkUrl(options, port, reachedBy) };
  const opened = options.broker
    ? { accept: joinBroker(parts, admission, delivery), url: () => withoutLogin(options.broker?.url ?? '') }
    : await listenUplink(parts, admission, delivery);
  accept = opened.accept;
  closing(() => opened.accept.stop());
  return { ...opened, admission, delivery };
}

type Opened = Pick<Uplink, 'url'> & { readonly accept: Receiving };

/** One of N: the broker is where gateways connect, and knows them by their certificates. */
function joinBroker({ options, clock, log, database, pipeline }: Parts, admission: Admitting, delivery: Delivery): Receiving {
  if (!options.broker) throw new Error('no broker');
  return joinCluster({
    broker: options.broker,
    worker: options.worker ?? `${hostname()}-${process.pid}`,
    ingest: pipeline.ingest,
    pictures: pipeline.pictures,
    clock,
    logger: log,
    gateways: () => uplinkGateways(database.db),
    renew: (gateway, { csr }) => admission.renew(gateway, csr),
    site: (gateway, said) => void delivery.said(gateway, said),
  });
}

function withoutLogin(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

async function listenUplink(
  { options, clock, log, pki, pipeline }: Parts,
  admission: Admitting,
  delivery: Delivery,
): Promise<Opened> {
  const endpoint = options.uplinkListen ?? { host: '0.0.0.0', port: 8883 };
  const { keyPem, certPem } = await pki.listenerCertificate(listenerNames(options));
  const accept = await startAccept({
    tls: { key: keyPem, cert: certPem, ca: pki.caPem },
    ingest: pipeline.ingest,
    pictures: pipeline.pictures,
    clock,
    logger: log,
    ...endpoint,
    isRevoked: (serial, gateway) => admission.isRevoked(serial, gateway),
    renew: (gateway, { csr }) => admission.renew(gateway, csr),
    site: (gateway, said) => void delivery.said(gateway, said),
  }).catch((error: unknown) => {
    throw listenProblem(show(endpoint), '--uplink-listen', error);
  });
  return { accept, url: (reachedBy) => uplinkUrl(options, accept.address().port, reachedBy) };
}

export function show({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
