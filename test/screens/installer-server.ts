import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../gateway/clock.ts';
import { decodePasted } from '../../gateway/local/decode.ts';
import { openAccess, setupCodeIn } from '../../gateway/web/access-file.ts';
import type { LocalDesk } from '../../gateway/web/needs.ts';
import { buildLocalServer } from '../../gateway/web/server.ts';
import { fixtureMaking } from './installer-making.ts';
import {
  fixtureChange,
  fixtureClaiming,
  fixtureDevice,
  fixtureDevices,
  fixtureLines,
  fixtureOrders,
  fixtureOverview,
  fixtureProbe,
  fixtureProfiles,
  fixtureScan,
  fixtureSettings,
  fixtureSurveys,
} from './installer-fixture.ts';

export const installerPassword = '二号楼地下室有一只猫和一盏灯';

type App = ReturnType<typeof buildLocalServer>['app'];

/**
 * The gateway's real server over a desk whose state each test chooses; faults as they happen on a roof. `reset` puts a gateway
 * fresh from its box at the same address: who was locked out of the one before is not of this one.
 */
export class InstallerServer {
  url = '';
  /** As after the first start: nobody has chosen a password. */
  code = '';
  /** The gateway answers nothing any more. */
  isDown = false;
  /** Requests that begin so are never answered. */
  stall: string[] = [];
  desk: LocalDesk = fixtureDesk();
  readonly #page: string;
  readonly #listener = createServer((request, response) => this.#app?.routing(request, response));
  #app: App | undefined;
  #folder = '';

  constructor(page: string) {
    this.#page = page;
  }

  async start(): Promise<this> {
    await this.reset();
    await new Promise<void>((resolve) => this.#listener.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#listener.address() as AddressInfo).port}`;
    return this;
  }

  async reset(): Promise<void> {
    await this.#end();
    this.#folder = mkdtempSync(join(tmpdir(), 'yihu-installer-'));
    this.heal();
    this.desk = fixtureDesk();
    const access = await openAccess(this.#folder, { N: 1_024, r: 8, p: 1 });
    this.code = (await setupCodeIn(this.#folder)) ?? '';
    this.#app = await this.#serve(access);
  }

  heal(): void {
    this.isDown = false;
    this.stall = [];
  }

  async stop(): Promise<void> {
    this.#listener.closeAllConnections();
    await new Promise<void>((resolve) => this.#listener.close(() => resolve()));
    await this.#end();
  }

  async #end(): Promise<void> {
    await this.#app?.close();
    if (this.#folder !== '') rmSync(this.#folder, { recursive: true, force: true });
  }

  async #serve(access: Awaited<ReturnType<typeof openAccess>>): Promise<App> {
    const desk: LocalDesk = {
      overview: () => this.desk.overview(),
      devices: (asked) => this.desk.devices(asked),
      device: (id) => this.desk.device(id),
      settings: (id) => this.desk.settings(id),
      finishAlarmTest: () => this.desk.finishAlarmTest(),
      testAlarm: (id) => this.desk.testAlarm(id),
      change: {
        plan: (edit) => this.desk.change.plan(edit),
        submit: (edit) => this.desk.change.submit(edit),
        state: () => this.desk.change.state(),
        undo: () => this.desk.change.undo(),
      },
      orders: {
        give: (device, order, from) => this.desk.orders.give(device, order, from),
        answer: (answer, from) => this.desk.orders.answer(answer, from),
      },
      claiming: { state: () => this.desk.claiming.state(), start: (asked) => this.desk.claiming.start(asked) },
      export: () => this.desk.export(),
      surveys: {
        places: () => this.desk.surveys.places(),
        start: (asked) => this.desk.surveys.start(asked),
        now: () => this.desk.surveys.now(),
        stop: () => this.desk.surveys.stop(),
      },
      profiles: (asked) => this.desk.profiles(asked),
      decode: (pasted) => this.desk.decode(pasted),
      lines: () => this.desk.lines(),
      startScan: (asked) => this.desk.startScan(asked),
      scan: () => this.desk.scan(),
      followScan: (listener) => this.desk.followScan(listener),
      stopScan: () => this.desk.stopScan(),
      probe: (asked) => this.desk.probe(asked),
      making: {
        words: () => this.desk.making.words(),
        recognise: (asked) => this.desk.making.recognise(asked),
        check: (asked) => this.desk.making.check(asked),
        save: (asked) => this.desk.making.save(asked),
      },
    };
    const { app } = buildLocalServer(
      {
        view: { status: () => Promise.reject(new Error('none')), metrics: () => Promise.resolve('') },
        desk,
        access,
        gateway: { id: 'gw-xfl-1', name: { zh: '幸福里网关', en: 'Xingfuli gateway' } },
        clock: systemClock,
        page: this.#page,
        tell: () => undefined,
      },
      '127.0.0.1',
    );
    app.addHook('onRequest', (request, reply, done) => {
      if (this.isDown) return void reply.raw.destroy();
      if (this.stall.some((path) => request.url.startsWith(path))) return undefined;
      done();
      return undefined;
    });
    await app.ready();
    return app;
  }
}

function fixtureDesk(): LocalDesk {
  return {
    overview: () => Promise.resolve(fixtureOverview(Date.now())),
    devices: ({ q, port }) => {
      const all = fixtureDevices(Date.now());
      const devices = all.filter(
        (device) => (port === '' || device.port === port) && `${device.id} ${device.name.zh}`.includes(q),
      );
      return { at: Date.now(), total: all.length, matching: devices.length, devices };
    },
    device: (id) => fixtureDevice(id, Date.now()),
    settings: (id) => Promise.resolve(id.startsWith('meter') ? fixtureSettings(id) : null),
    testAlarm: () => null,
    finishAlarmTest: () => undefined,
    change: fixtureChange('verifying'),
    orders: fixtureOrders('sent'),
    claiming: fixtureClaiming({}),
    export: () => Promise.resolve({ name: 'gw-1.zip', zip: Buffer.from('PK') }),
    surveys: fixtureSurveys(null),
    profiles: ({ q }) => {
      const all = fixtureProfiles();
      const profiles = all.filter(({ id, name }) => `${id} ${name.zh}`.includes(q));
      return Promise.resolve({ total: all.length, matching: profiles.length, profiles });
    },
    decode: decodePasted,
    lines: () => Promise.resolve(fixtureLines),
    startScan: () => ({ scan: fixtureScan(Date.now()) }),
    scan: () => null,
    followScan: () => () => undefined,
    stopScan: () => undefined,
    probe: () => Promise.resolve(fixtureProbe()),
    making: fixtureMaking(),
  };
}
