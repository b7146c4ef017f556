import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openPki, type Pki } from '../../../cloud/registry/pki.ts';
import { systemClock } from '../../../cloud/clock.ts';
import { type Child, startChild } from '../../../demo/child.ts';
import { freePort } from '../../../demo/ports.ts';
import type { Connect } from '../../../gateway/uplink/link.ts';
import { makeRequest } from '../../gateway/uplink/cloud-and-gateway.ts';
import { makeDatabase, type Server } from '../records/servers.ts';

const program = path.resolve(import.meta.dirname, '../../../cloud/bin/yihu-cloud.js');

/** One database, one broker that knows everybody by a certificate, and as many workers as are started: whole programs. */
export class Cluster {
  readonly folder = mkdtempSync('/tmp/yihu-scale-');
  readonly #closing: (() => Promise<void> | void)[] = [];
  readonly #children: ChildProcess[] = [];
  databaseUrl = '';
  broker = '';
  connection: Server['connection'] | null = null;
  pki: Pki | null = null;

  static async start(server: () => Promise<Server>): Promise<Cluster> {
    const cluster = new Cluster();
    chmodSync(cluster.folder, 0o755);
    const { connection } = await server();
    const own = await makeDatabase(connection);
    cluster.#closing.push(() => own.drop());
    cluster.connection = own.connection;
    const { host, port, user, password = '', database } = own.connection;
    cluster.databaseUrl = `postgresql://${user}:${encodeURIComponent(password)}@localhost/${database}?host=${encodeURIComponent(host)}&port=${port}`;
    cluster.pki = await openPki({ folder: path.join(cluster.folder, 'pki'), clock: systemClock });
    await cluster.#startBroker(cluster.pki);
    return cluster;
  }

  async #startBroker(pki: Pki): Promise<void> {
    const { keyPem, certPem } = await pki.listenerCertificate(['localhost', '127.0.0.1']);
    const port = await freePort(0);
    const file = (name: string, text: string): string => {
      writeFileSync(path.join(this.folder, name), text, { mode: 0o600 });
      return path.join(this.folder, name);
    };
    await this.#identity('yihu-workers').then(({ cert, key }) => [file('worker.pem', cert), file('worker.key', key)]);
    const config = [
      `listener ${port} 127.0.0.1`,
      `cafile ${file('ca.pem', pki.caPem)}`,
      `certfile ${file('broker.pem', certPem)}`,
      `keyfile ${file('broker.key', keyPem)}`,
      'tls_version tlsv1.3',
      'require_certificate true',
      // A gateway is who its certificate says, and speaks under its own name alone.
      'use_identity_as_username true',
      `acl_file ${file('acl', ['user yihu-workers', 'topic readwrite #', 'pattern readwrite gw/%u/#', ''].join('\n'))}`,
      'max_inflight_messages 256',
      'max_queued_messages 100000',
      'persistence false',
      ...(process.getuid?.() === 0 ? ['user root'] : []),
    ];
    const child = spawn('/usr/sbin/mosquitto', ['-c', file('mosquitto.conf', `${config.join('\n')}\n`)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#children.push(child);
    await new Promise<void>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`mosquitto ended with ${code}`)));
      child.stderr.on('data', (text: Buffer) => text.toString().includes('running') && resolve());
    });
    this.broker = `mqtts://localhost:${port}`;
  }

  async #identity(name: string): Promise<{ cert: string; key: string }> {
    const { csr, keyPem } = await makeRequest();
    const { certPem } = (await this.pki?.issueGatewayCertificate(csr, name)) ?? { certPem: '' };
    return { cert: certPem, key: keyPem };
  }

  /** How a gateway of this name connects. */
  async identity(gateway: string): Promise<Connect> {
    return { url: this.broker, ca: this.pki?.caPem ?? '', ...(await this.#identity(gateway)) };
  }

  /** `yihu-cloud run` as one worker; resolves when it is up. */
  async worker(name: string, role: string): Promise<Child> {
    const file = (name: string) => path.join(this.folder, name);
    const broker = [
      '--broker',
      this.broker,
      '--broker-ca',
      file('ca.pem'),
      '--broker-cert',
      file('worker.pem'),
      '--broker-key',
      file('worker.key'),
    ];
    const words = [
      'run',
      '--json',
      '--data',
      file(name),
      '--database-url',
      this.databaseUrl,
      '--role',
      role,
      '--people-key-file',
      file('people.key'),
      '--worker',
      name,
    ];
    const args = [program, ...words, ...(role.includes('accept') ? broker : []), '--log-level', 'warn'];
    const child = startChild(name, args, this.folder);
    this.#children.push(child.process);
    await child.started;
    return child;
  }

  async stop(): Promise<void> {
    for (const child of this.#children.reverse()) await killed(child);
    for (const step of this.#closing.reverse()) await step();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** SIGKILL: no word of goodbye, no commit that is half done. */
export async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGKILL');
  await ended;
}
