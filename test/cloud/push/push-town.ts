import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewaySiteView, SitePushView } from '@yihu/device-profiles/vocabulary/site-push-view.ts';
import { stringify } from 'yaml';
import { type Database, openDatabase } from '../../../cloud/records/database.ts';
import { sitePushRecords } from '../../../cloud/records/site-pushes.ts';
import { readRunFile } from '../../../cloud/run-file.ts';
import type { Child } from '../../../demo/child.ts';
import { freePort } from '../../../demo/ports.ts';
import { systemClock } from '../../../gateway/clock.ts';
import { chanceOf, startProxy, type TcpProxy } from '../../faults/tcp-proxy.ts';
import { type RegisterServer, registerServer } from '../../gateway/modbus/register-server.ts';
import { type Api, Community } from '../../stories/community.ts';
import { until } from '../../stories/programs.ts';
import { switchRoom } from '../../stories/switch-room.ts';

export interface Port {
  readonly id: string;
  readonly at: number;
  readonly units: readonly number[];
}

const profile = stringify({ ...switchRoom, groups: { fast: { every: '200ms' } } });
const address = '/api/gateways/gw-story/site';

/** Cloud and gateway as people run them, two Modbus servers behind it, and a line between the two that can be cut. */
export class PushTown {
  readonly community: Community;
  readonly proxy: TcpProxy;
  readonly one: RegisterServer;
  readonly two: RegisterServer;
  readonly database: Database;
  readonly admin: Api;
  gateway: Child;

  private constructor(
    parts: Omit<PushTown, 'put' | 'view' | 'becomes' | 'site' | 'a' | 'b' | 'read' | 'settled' | 'refused' | 'close'>,
  ) {
    [this.community, this.proxy, this.one, this.two] = [parts.community, parts.proxy, parts.one, parts.two];
    [this.database, this.admin, this.gateway] = [parts.database, parts.admin, parts.gateway];
  }

  static async open(name: string): Promise<PushTown> {
    const community = await Community.make(name);
    const [one, two] = await Promise.all([0, 1].map(() => registerServer('tcp', (close) => community.programs.atEnd(close))));
    if (!one || !two) throw new Error('no servers');
    await community.startCloud();
    community.localPort = await freePort(0);
    community.writeProfile({ ...switchRoom, groups: { fast: { every: '200ms' } } });
    writeFileSync(
      community.site,
      siteOf(community, [
        { id: 'a', at: one.port, units: [1] },
        { id: 'b', at: two.port, units: [1] },
      ]),
    );
    await community.claim();
    const proxy = await startProxy({ to: community.uplinkPort, clock: systemClock, chance: chanceOf(1) });
    community.programs.atEnd(() => proxy.close());
    const identity = join(community.programs.folder, 'gateway/identity/identity.json');
    const text = readFileSync(identity, 'utf8');
    writeFileSync(identity, text.replace(`:${community.uplinkPort}`, `:${proxy.port}`), { mode: 0o600 });
    const running = await readRunFile(join(community.programs.folder, 'cloud'));
    if (!running) throw new Error('no cloud');
    const database = openDatabase(running.connection);
    const [admin, gateway] = [await community.signIn('admin'), await community.startGateway()];
    return new PushTown({ community, proxy, one, two, database, admin, gateway });
  }

  get a(): Port {
    return { id: 'a', at: this.one.port, units: [1] };
  }

  get b(): Port {
    return { id: 'b', at: this.two.port, units: [1] };
  }

  site(ports: readonly Port[], more: object = {}): string {
    return siteOf(this.community, ports, more);
  }

  /** The gateway's site file as it is now. */
  read(): string {
    return readFileSync(this.community.site, 'utf8');
  }

  view(): Promise<GatewaySiteView> {
    return this.admin.get<GatewaySiteView>(address);
  }

  /** A push that the cloud takes; its version. */
  async put(text: string, more: object = {}): Promise<number> {
    const profiles = [{ path: 'profiles/story/switch-room.yaml', text: profile }];
    const { status, body } = await this.admin.put(address, { text, profiles, ...more });
    if (status !== 202) throw new Error(`${status} ${JSON.stringify(body)}`);
    return (body as GatewaySiteView).pushes[0]?.version ?? 0;
  }

  refused(text: string, more: object = {}): Promise<{ status: number; body: unknown }> {
    const profiles = [{ path: 'profiles/story/switch-room.yaml', text: profile }];
    return this.admin.put(address, { text, profiles, ...more });
  }

  becomes(version: number, ...states: SitePushView['state'][]): Promise<SitePushView> {
    return until(`push ${version} to be ${states.join()}`, async () => {
      const push = (await this.#look()).pushes.find((each) => each.version === version);
      return push && states.includes(push.state) ? push : null;
    });
  }

  /** The same beside the API, which does not like to be asked all the time. */
  #look(): Promise<GatewaySiteView> {
    return sitePushRecords(this.database.db).view(this.community.gatewayId);
  }

  /** The cloud knows what runs after a push. */
  settled(version: number): Promise<GatewaySiteView> {
    return until('the running site', async () => {
      const view = await this.#look();
      return view.running?.version === version ? view : null;
    });
  }

  async close(): Promise<void> {
    await this.database.close();
    await this.community.dispose();
  }
}

function siteOf({ localPort, gatewayId }: Community, ports: readonly Port[], more: object = {}): string {
  return stringify({
    schema: 'yihu-site/1',
    gateway: { id: gatewayId, name: { zh: '测试网关', en: 'Test gateway' } },
    data: 'gateway',
    listen: `127.0.0.1:${localPort}`,
    profiles: ['profiles'],
    ports: ports.map(({ id, at }) => ({ id, driver: 'modbus', host: '127.0.0.1', port: at })),
    devices: ports.flatMap(({ id, units }) =>
      units.map((unit) => ({ id: `${id}-${unit}`, profile: switchRoom.id, port: id, address: { unit }, name: '表' })),
    ),
    ...more,
  });
}
