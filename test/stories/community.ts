import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Child } from '../../demo/child.ts';
import { freePort } from '../../demo/ports.ts';
import { registerGateway } from '../../demo/register.ts';
import { cloudProgram, gatewayProgram, Programs, root } from './programs.ts';

export interface Account {
  readonly account: string;
  readonly password: string;
  readonly role: string;
}

interface RunningCloud {
  readonly child: Child;
  readonly url: string;
  /** At the first start only. */
  readonly accounts: readonly Account[];
}

/** One cloud and one gateway as people run them: our own programs on real ports, in a folder that goes away. */
export class Community {
  readonly programs: Programs;
  readonly gatewayId = 'gw-story';
  readonly site: string;
  readonly #cloudPorts: { web: number; uplink: number };
  /** Further words for `yihu-cloud run`. */
  cloudArgs: readonly string[] = [];
  localPort = 0;
  accounts: readonly Account[] = [];
  url = '';

  private constructor(programs: Programs, ports: { web: number; uplink: number }) {
    this.programs = programs;
    this.site = join(programs.folder, 'gateway.yaml');
    this.#cloudPorts = ports;
  }

  static async make(name: string): Promise<Community> {
    const ports = { web: await freePort(0), uplink: await freePort(0) };
    return new Community(new Programs(name), ports);
  }

  get uplinkPort(): number {
    return this.#cloudPorts.uplink;
  }

  /** What the gateway is told: `ports` and `devices` of the story, the rest as in every site file. */
  async writeSite(parts: Readonly<Record<string, unknown>>): Promise<void> {
    this.localPort ||= await freePort(0);
    const site = {
      schema: 'yihu-site/1',
      gateway: { id: this.gatewayId, name: { zh: '测试网关', en: 'Test gateway' } },
      data: 'gateway',
      listen: `127.0.0.1:${this.localPort}`,
      ...parts,
    };
    writeFileSync(this.site, stringify(site, { lineWidth: 160, aliasDuplicateObjects: false }));
  }

  /** A profile of this site's own, under `profiles/<maker>/<model>.yaml`. */
  writeProfile(profile: { readonly id: string } & Readonly<Record<string, unknown>>): void {
    const [maker = '', ...model] = profile.id.split('.');
    const folder = join(this.programs.folder, 'profiles', maker);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${model.join('.')}.yaml`), stringify(profile));
  }

  /** A cloud on this community's data and ports, not waited for. */
  launchCloud(name = 'cloud'): Child {
    const { web, uplink } = this.#cloudPorts;
    const data = join(this.programs.folder, 'cloud');
    const where = ['--data', data, '--listen', `127.0.0.1:${web}`, '--uplink-listen', `127.0.0.1:${uplink}`];
    return this.programs.ours(name, [cloudProgram, 'run', ...where, '--demo', '--json', ...this.cloudArgs]);
  }

  /** Starts it, or starts it again on the same data and ports. */
  async startCloud(name = 'cloud'): Promise<RunningCloud> {
    const child = this.launchCloud(name);
    const { url, accounts } = (await child.started) as { url: string; accounts?: Account[] };
    this.url = url;
    if (accounts) this.accounts = accounts;
    return { child, url, accounts: accounts ?? [] };
  }

  /** What an administrator and an installer do once: a code from the cloud, claimed by the gateway. */
  async claim(): Promise<void> {
    await registerGateway({ url: this.url, gateway: this.gatewayId, site: this.site, admin: this.account('admin'), root });
  }

  launchGateway(name = 'gateway'): Child {
    return this.programs.ours(name, [gatewayProgram, 'run', this.site, '--json']);
  }

  async startGateway(name = 'gateway'): Promise<Child> {
    const child = this.launchGateway(name);
    await child.started;
    return child;
  }

  account(role: string): Account {
    const found = this.accounts.find((each) => each.role === role);
    if (!found) throw new Error(`no account of role ${role}`);
    return found;
  }

  async signIn(role: string): Promise<Api> {
    const { account, password } = this.account(role);
    return Api.signIn(this.url, account, password);
  }

  async status(): Promise<GatewaySays> {
    const response = await fetch(`http://127.0.0.1:${this.localPort}/api/status`);
    return (await response.json()) as GatewaySays;
  }

  async metrics(): Promise<Metrics> {
    const response = await fetch(`http://127.0.0.1:${this.localPort}/metrics`);
    return metricsIn(await response.text());
  }

  dispose(): Promise<void> {
    return this.programs.dispose();
  }
}

export interface GatewaySays {
  readonly health: string;
  readonly ports: readonly { id: string; wire: string }[];
  readonly problems: readonly { zh: string; en: string }[];
  readonly uplink: {
    wire: string;
    reason: { zh: string; en: string } | null;
    buffered: { alarm: number; telemetry: number };
  } | null;
  readonly history: { kind: string; state: string; buffered: number };
}

/** A person's session with the cloud. */
export class Api {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  private constructor(url: string, headers: Readonly<Record<string, string>>) {
    this.#url = url;
    this.#headers = headers;
  }

  static async signIn(url: string, account: string, password: string): Promise<Api> {
    const response = await fetch(new URL('/api/session', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ account, password }),
    });
    if (!response.ok) throw new Error(`sign-in: ${response.status} ${await response.text()}`);
    const { csrf } = (await response.json()) as { csrf: string };
    const cookie = response.headers.getSetCookie().map((each) => each.split(';')[0]);
    return new Api(url, { cookie: cookie.join('; '), 'x-csrf-token': csrf });
  }

  async get<T>(path: string): Promise<T> {
    const response = await fetch(new URL(path, this.#url), { headers: this.#headers });
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Whatever it answers. */
  async put(path: string, body: object): Promise<{ status: number; body: unknown }> {
    const headers = { ...this.#headers, 'content-type': 'application/json' };
    const response = await fetch(new URL(path, this.#url), { method: 'PUT', headers, body: JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  }
}

/** Metric line without its value → value. */
export type Metrics = ReadonlyMap<string, number>;

function metricsIn(text: string): Metrics {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}
