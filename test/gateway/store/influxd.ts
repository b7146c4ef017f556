import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../gateway/clock.ts';

/** A real influxd on a folder of its own and free ports. */
export class Influxd {
  readonly url: string;
  private readonly port: number;
  private readonly folder: string;
  private child: ChildProcess | null = null;

  static async start(): Promise<Influxd> {
    const [http, rpc] = [await freePort(), await freePort()];
    const influxd = new Influxd(http, rpc);
    await influxd.run();
    return influxd;
  }

  private constructor(http: number, rpc: number) {
    this.port = http;
    this.url = `http://127.0.0.1:${http}`;
    this.folder = mkdtempSync(join(tmpdir(), 'yihu-influxd-'));
    for (const part of ['meta', 'data', 'wal']) mkdirSync(join(this.folder, part));
    writeFileSync(join(this.folder, 'influxdb.conf'), config(this.folder, http, rpc));
  }

  /** Starts it, or starts it again on the same data; resolves when it answers. */
  async run(): Promise<void> {
    this.child = spawn('/usr/bin/influxd', ['-config', join(this.folder, 'influxdb.conf')], { stdio: 'ignore' });
    for (let attempt = 0; ; attempt++) {
      try {
        await fetch(`${this.url}/ping`);
        return;
      } catch (error) {
        if (attempt > 200) throw error;
        await systemClock.sleep(50);
      }
    }
  }

  async kill(): Promise<void> {
    const child = this.child;
    if (child === null) return;
    const gone = new Promise<void>((resolve) => void child.on('exit', () => resolve()));
    child.kill('SIGKILL');
    await gone;
    this.child = null;
  }

  /** One statement through the `influx` client of the distribution, its answer as CSV. */
  influx(statement: string, database = ''): string {
    const args = [
      '-host',
      '127.0.0.1',
      '-port',
      String(this.port),
      '-database',
      database,
      '-format',
      'csv',
      '-precision',
      'ms',
      '-execute',
      statement,
    ];
    return execFileSync('/usr/bin/influx', args, { encoding: 'utf8' });
  }

  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  return port;
}

function config(folder: string, http: number, rpc: number): string {
  return `
reporting-disabled = true
bind-address = "127.0.0.1:${rpc}"
[meta]
  dir = "${folder}/meta"
[data]
  dir = "${folder}/data"
  wal-dir = "${folder}/wal"
[http]
  bind-address = "127.0.0.1:${http}"
  log-enabled = false
[monitor]
  store-enabled = false
`;
}
