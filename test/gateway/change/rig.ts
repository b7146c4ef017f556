import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpackTrusted } from '@yihu/device-profiles/vocabulary/pack.ts';
import { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import type { ChangeState } from '../../../gateway/change/changes.ts';
import { systemClock } from '../../../gateway/clock.ts';
import { loadDrivers } from '../../../gateway/drivers.ts';
import { type GatewayOptions, type RunningGateway, startGateway } from '../../../gateway/main.ts';
import { type Catalog, checkSiteText } from '../../../gateway/site.ts';
import { openLog } from '../../../gateway/store/sqlite-log.ts';
import { profileOf } from '../modbus/profiles.ts';
import { until } from '../uplink/cloud-and-gateway.ts';

/** A meter whose one value changes whenever the test says so; read five times a second. */
const meter = profileOf({ value: { at: 0 } }, { groups: { fast: { every: '200ms' } } });
const catalog: Catalog = { drivers: await loadDrivers(), profiles: new Map([[meter.id, meter]]), problems: [], isWhole: true };

export interface Port {
  readonly id: string;
  readonly at: number;
  readonly units: readonly number[];
}

/** A site of Modbus ports, each with its meters. */
export function siteText(ports: readonly Port[], more = 'uplink: "off"'): string {
  const lines = ports.map(({ id, at }) => `  - {id: ${id}, driver: modbus, host: 127.0.0.1, port: ${at}}`);
  const devices = ports.flatMap(({ id, units }) =>
    units.map((unit) => `  - {id: ${id}-${unit}, profile: test.meter, port: ${id}, address: {unit: ${unit}}, name: 表 ${unit}}`),
  );
  const head = 'schema: yihu-site/1\ngateway: {id: gw-1, name: 一号}\ndata: data\nlisten: null';
  return `${head}\n${more}\nports:\n${lines.join('\n')}\ndevices:\n${devices.join('\n')}\n`;
}

/** A gateway over a folder, in this process. */
export class ChangeRig {
  readonly folder = mkdtempSync(join(tmpdir(), 'yihu-change-'));
  readonly file = join(this.folder, 'gateway.yaml');
  gateway: RunningGateway | null = null;

  constructor() {
    onTestFinished(async () => {
      await this.stop();
      rmSync(this.folder, { recursive: true, force: true });
    });
  }

  write(text: string): void {
    writeFileSync(this.file, text);
  }

  read(name = 'gateway.yaml'): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  async start(options: Partial<GatewayOptions> = {}): Promise<RunningGateway> {
    const loaded = await checkSiteText(this.read(), this.file, catalog);
    if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
    const log = pino({ level: 'silent' });
    this.gateway = await startGateway({ site: loaded.site, clock: systemClock, chance: () => 0.1, log, catalog, ...options });
    return this.gateway;
  }

  async stop(): Promise<void> {
    await this.gateway?.stop();
    this.gateway = null;
  }

  /** The change when it is over. */
  async over(): Promise<ChangeState> {
    const over = () => {
      const change = this.gateway?.changeState();
      return change?.state === 'kept' || change?.state === 'rolled-back' ? change : null;
    };
    await until(() => over() !== null, 'the end of the change');
    return over() ?? Promise.reject(new Error('no change'));
  }

  /** What the log holds of the alarm lane, while the gateway does not run. */
  async records(): Promise<LogRecord[]> {
    const log = await openLog({ folder: join(this.folder, 'data', 'log'), maxBytes: 1e9, readers: ['look'], clock: systemClock });
    const batches = await log.read('look', 'alarm', 1e9, 0);
    await log.close();
    return batches.flatMap(({ blob }) => unpackTrusted(blob).map(({ record }) => LogRecord.parse(record)));
  }

  async steps(): Promise<string[]> {
    return (await this.records()).flatMap((record) => (record.kind === 'change' ? [record.state] : []));
  }
}

export { until };
