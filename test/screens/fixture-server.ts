import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CallAudience } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import type { Session, StreamEvent } from '@yihu/device-profiles/vocabulary/view.ts';
import { corridor, mosaicJpeg } from '../../gateway/simulate/jpeg.ts';
import * as api from './fixture-api.ts';
import { areaPageOf, callRoute, previewOf, templates } from './fixture-calls.ts';
import { handOverRoute, postRoute } from './fixture-shift.ts';
import { incidentWork, taskRoute } from './fixture-tasks.ts';
import { factorRoute, offer, recovery, secondStep, wrongCode } from './fixture-factor.ts';
import { maintenanceRoute, reportOf } from './fixture-maintenance.ts';
import { areasOf, managerSession, session as dispatcherSession } from './fixture-site.ts';
import { keyRoute, webhookRoute } from './fixture-links.ts';
import { noticeRoute } from './fixture-notices.ts';
import { planOfDevice, planRoute } from './fixture-plans.ts';
import { ruleRoute } from './fixture-rules.ts';
import { adminSession, userRoute, workerSession } from './fixture-users.ts';
import { wallOf, wallSession } from './wall-fixture.ts';

/**
 * Serves the built screens and answers their API from made-up data, to see each state before and without a cloud:
 * it can stall, refuse, fail, drop the stream and emit events. Used for pictures and for tests of the screens alone.
 */
const built = fileURLToPath(new URL('../../dashboards/dist/', import.meta.url));
const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
const contentPolicy =
  "default-src 'self'; img-src 'self' data: blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

export interface Faults {
  /** Path prefix → status the API answers with instead. */
  refuse: Record<string, number>;
  /** Path prefixes that never answer. */
  stall: string[];
  /** No stream, and those open are cut. */
  streamDown: boolean;
  /** The stream stays open and says nothing. */
  silent: boolean;
}

const sessions = {
  dispatcher: dispatcherSession,
  property: managerSession,
  wall: wallSession,
  admin: adminSession,
  worker: workerSession,
};
/** Who looks. */
export type Seat = keyof typeof sessions;

export class FixtureServer {
  world = api.newWorld(Date.now());
  session: Session | null = dispatcherSession;
  faults: Faults = { refuse: {}, stall: [], streamDown: false, silent: false };
  url = '';
  private readonly dist: string;
  private readonly server: Server = createServer((request, response) => void this.answer(request, response));
  private readonly streams = new Map<ServerResponse, number>();
  private beat: NodeJS.Timeout | undefined;

  /** `dist`: the folder of built screens; `npm run build` fills the usual one. */
  constructor(dist = built) {
    this.dist = dist.endsWith('/') ? dist : `${dist}/`;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the fixture server has no port');
    this.url = `http://127.0.0.1:${address.port}`;
    this.beat = setInterval(() => this.pump(true), 1_000);
    return this;
  }

  async stop(): Promise<void> {
    clearInterval(this.beat);
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  /** A fresh world and no faults, for the next test. */
  reset(as: Seat = 'dispatcher'): void {
    this.cutStreams();
    this.world = api.newWorld(Date.now());
    this.session = sessions[as];
    this.heal();
  }

  heal(): void {
    this.faults = { refuse: {}, stall: [], streamDown: false, silent: false };
  }

  emit(event: StreamEvent): void {
    this.world.events.push(event);
    this.pump(false);
  }

  /** Sends what each stream has not had yet, and a beat where asked. */
  pump(beat: boolean): void {
    if (this.faults.silent) return;
    for (const [response, sent] of this.streams) {
      // In one piece, as a cloud's burst arrives.
      const fresh = this.world.events
        .slice(sent)
        .map((event, index) => `id: ${sent + index + 1}\ndata: ${JSON.stringify(event)}\n\n`);
      if (fresh.length > 0) response.write(fresh.join(''));
      this.streams.set(response, this.world.events.length);
      if (beat) response.write(`data: ${JSON.stringify({ type: 'beat', at: Date.now() } satisfies StreamEvent)}\n\n`);
    }
  }

  cutStreams(): void {
    for (const response of this.streams.keys()) response.destroy();
    this.streams.clear();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    if (!url.pathname.startsWith('/api/')) return sendFile(this.dist, url.pathname, response);
    if (this.faults.stall.some((prefix) => url.pathname.startsWith(prefix))) return;
    const refused = Object.entries(this.faults.refuse).find(([prefix]) => url.pathname.startsWith(prefix));
    if (refused !== undefined) return send(response, problem(refused[1]));
    if (this.session === null && !url.pathname.startsWith('/api/session')) return send(response, problem(401));
    if (url.pathname === '/api/stream') return this.openStream(url, request, response);
    if (/^\/api\/(snapshots|photos)\//.test(url.pathname)) return sendPicture(url.pathname, response);
    const body = await bodyOf(request);
    if (request.method !== 'GET') this.world.received.push({ path: url.pathname, body });
    send(response, this.route(request.method ?? 'GET', url, body));
    this.pump(false);
  }

  private openStream(url: URL, request: IncomingMessage, response: ServerResponse): void {
    if (this.faults.streamDown) return void response.destroy();
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    this.streams.set(response, Number(request.headers['last-event-id'] ?? url.searchParams.get('after') ?? 0));
    response.on('close', () => this.streams.delete(response));
    this.pump(true);
  }

  private route(method: string, url: URL, body: Record<string, unknown>): api.Answer {
    const [, , first = '', id = '', rest = '', step = ''] = url.pathname.split('/').map(decodeURIComponent);
    if (first === 'session') return id === '' ? this.sessionRoute(method, body) : this.secondStep(id, rest, body);
    if (first === 'me' && id === 'factor') return factorRoute(method, rest, body);
    if (first === 'snapshot') return { status: 200, body: api.snapshotOf(this.world) };
    if (first === 'wall') return { status: 200, body: wallOf(this.world) };
    if (first === 'overview') return { status: 200, body: api.overviewOf(this.world) };
    if (first === 'incidents') return this.incidentRoute(method, id, rest, step, body);
    if (first === 'alarms' && rest === 'moves') return api.moveAlarm(this.world, id, body);
    if (first === 'alarms') {
      const items = api.shelvedOf(this.world);
      return { status: 200, body: { items, total: items.length, next: null } };
    }
    if (first === 'maintenance-windows') return maintenanceRoute(this.world, method, url, body);
    if (first === 'calls') return callRoute(this.world, method, url, body);
    if (first === 'call-templates') return { status: 200, body: templates };
    if (first === 'call-previews') return { status: 200, body: previewOf(this.world, body['audience'] as CallAudience) };
    if (first === 'tasks') return taskRoute(this.world, method, url, body);
    if (first === 'hand-overs') return handOverRoute(this.world, method, id, rest, body);
    if (first === 'post-checks') return postRoute(this.world, method, body);
    if (first === 'duty-gaps') return { status: 200, body: this.world.shift.gaps };
    if (first === 'on-duty') return { status: 200, body: this.world.shift.onDuty };
    if (first === 'areas' && id !== '') return areaPageOf(this.world, id);
    if (first === 'notices') return noticeRoute(this.world, method, url, body);
    if (first === 'keys') return keyRoute(this.world, method, id, body);
    if (first === 'webhooks') return webhookRoute(this.world, method, url, body);
    if (first === 'cap') return { status: 200, body: this.world.links.cap };
    if (first === 'users') return userRoute(this.world, method, id, body);
    if (first === 'floor-plans') return planRoute(this.world, method, id, rest, body);
    if (first === 'areas') return { status: 200, body: areasOf(this.world.devices) };
    if (first === 'area-report') return { status: 200, body: reportOf(this.world, url.searchParams) };
    if (first === 'false-alarms') return { status: 200, body: this.world.falseAlarms };
    if (first === 'devices' && step === 'rules') return ruleRoute(this.world, method, url.pathname.split('/').slice(6), body);
    if (first === 'devices') return this.deviceRoute(url, id, rest, step);
    return problem(404);
  }

  private sessionRoute(method: string, body: Record<string, unknown>): api.Answer {
    if (method === 'DELETE') this.session = null;
    if (method === 'POST' && body['password'] === 'right')
      this.session = body['account'] === 'lijun' ? managerSession : dispatcherSession;
    if (method === 'POST' && body['account'] === 'two-steps') return secondStep('code');
    if (method === 'POST' && body['account'] === 'must-enrol') return secondStep('enrol');
    if (method === 'DELETE') return { status: 204, body: undefined };
    return this.session === null ? problem(401) : { status: 200, body: this.session };
  }

  private secondStep(id: string, rest: string, body: Record<string, unknown>): api.Answer {
    if (id === 'factor' && rest === '') return { status: 200, body: offer };
    if (body['code'] !== '123456') return wrongCode;
    this.session = dispatcherSession;
    return { status: 200, body: id === 'code' ? this.session : { recovery, session: this.session } };
  }

  private incidentRoute(method: string, id: string, rest: string, step: string, body: Record<string, unknown>): api.Answer {
    if (rest === 'moves') return api.moveIncident(this.world, id, body);
    const work = incidentWork(this.world, method, id, rest, body);
    if (work !== null) return work;
    if (rest === 'steps') return api.setStep(this.world, id, step, body);
    const detail = this.world.details.get(id);
    return detail === undefined && method === 'GET' ? problem(404) : { status: 200, body: detail };
  }

  private deviceRoute(url: URL, gateway: string, id: string, rest: string): api.Answer {
    const asked = (name: string) => url.searchParams.get(name) ?? '';
    if (gateway === '') return { status: 200, body: this.deviceList(asked) };
    const device =
      this.world.devices.find((one) => one.gateway === gateway && one.id === id) ??
      this.world.devices.find((one) => one.id === id);
    if (device === undefined) return problem(404);
    if (rest === 'floor-plan') return planOfDevice(this.world, device);
    if (rest !== 'history') return { status: 200, body: api.deviceDetailOf(this.world, device) };
    return {
      status: 200,
      body: api.historyOf(device, asked('point'), Number(asked('from')), Number(asked('to')), Number(asked('buckets'))),
    };
  }

  private deviceList(asked: (name: string) => string) {
    const fits = this.world.devices
      .filter((device) => `${device.name.zh} ${device.placeText} ${device.id}`.includes(asked('q')))
      .filter((device) => asked('availability') === '' || device.availability === asked('availability'))
      .filter((device) => asked('area') === '' || device.area.startsWith(asked('area')));
    const start = Number(asked('after')) || 0;
    const limit = Number(asked('limit')) || 100;
    const next = start + limit < fits.length ? String(start + limit) : null;
    return { items: fits.slice(start, start + limit), total: fits.length, next };
  }
}

const sentences: Record<number, [string, string]> = {
  401: ['账号或密码不对，请重新输入。', 'Account or password is wrong; try again.'],
  403: ['您没有权限。', 'You may not do this.'],
  404: ['没有找到。', 'Not found.'],
  500: [
    '云端出错了。请重试；仍不行请把代码告诉管理员。',
    'The cloud failed. Retry; if it fails again, give the code to your administrator.',
  ],
};

function problem(status: number): api.Answer {
  const [zh, en] = sentences[status] ?? ['出错了。', 'Failed.'];
  return {
    status,
    body: { code: { 401: 'wrong-credentials', 403: 'forbidden', 404: 'not-found' }[status] ?? 'internal', message: { zh, en } },
  };
}

function send(response: ServerResponse, { status, body }: api.Answer): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(body === undefined ? undefined : JSON.stringify(body));
}

/** A corridor; each id a moment later. */
function sendPicture(pathname: string, response: ServerResponse): void {
  const seconds = 10 + (Number(pathname.replaceAll(/\D/g, '')) || 0) * 5;
  response.writeHead(200, { 'content-type': 'image/jpeg' });
  response.end(mosaicJpeg({ columns: 80, rows: 45 }, corridor(80, 45, seconds * 1000)));
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString();
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

function sendFile(dist: string, asked: string, response: ServerResponse): void {
  const isFile = path.extname(asked) !== '';
  const [, first = ''] = asked.split('/');
  const file = path.join(dist, isFile ? path.normalize(asked) : `${first}/index.html`);
  if (!file.startsWith(dist) || !existsSync(file))
    return void response.writeHead(404, { 'content-type': 'text/plain' }).end('not found');
  response.writeHead(200, {
    'content-type': types[path.extname(file)] ?? 'application/octet-stream',
    'content-security-policy': contentPolicy,
    // Named by their content, as the cloud serves them.
    ...(asked.startsWith('/assets/') ? { 'cache-control': 'public, max-age=31536000, immutable' } : {}),
  });
  response.end(readFileSync(file));
}
