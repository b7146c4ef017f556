import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Clock } from '../../../clock.ts';
import { corridor, mosaicJpeg } from '../../jpeg.ts';
import { CameraGuard, type CameraLogin } from './login.ts';
import { answerTo, type CameraState } from './services.ts';
import { PullPoints } from './pull-points.ts';
import { type CameraNotice, faultText, inEnvelope, readRequest, type Request } from './words.ts';

/** What goes wrong with a simulated camera; set while it runs. */
export interface CameraManners {
  create: 'ok' | 'fault' | 'empty' | 'html' | 'silent';
  /** `at-once`: it never waits for something to happen. */
  pull: 'ok' | 'fault' | 'empty' | 'html' | 'malformed' | 'unauthorized' | 'reset' | 'silent' | 'at-once';
  renew: 'ok' | 'fault';
  relay: 'ok' | 'fault' | 'silent' | 'reset';
  /** Every other call. */
  calls: 'ok' | 'html' | 'silent' | 'endless' | 'redirect';
  /** `large`: the first profile's picture is too long, the others' are not. */
  picture: 'ok' | 'large' | 'all-large' | 'endless' | 'html' | 'redirect' | 'silent' | 'none';
  pictureMs: number;
  /** Where pictures are, or a redirect leads, instead of here: an absolute address. */
  elsewhere: string | null;
  clockOffMs: number;
}

export interface CameraOptions {
  readonly clock: Clock;
  readonly host?: string;
  /** 0: any. */
  readonly port?: number;
  readonly login?: CameraLogin;
  /** The ways in which it lets itself be told who we are; default: both. */
  readonly proofs?: readonly ('token' | 'http')[];
  readonly media?: readonly ('media' | 'media2')[];
  /** False: a camera from before GetServices. */
  readonly hasServices?: boolean;
  /** Its first profile has no video encoder. */
  readonly hasBareProfile?: boolean;
  /** How it tells subscriptions apart: by their address, or by a reference parameter. */
  readonly tells?: 'path' | 'parameter';
  /** Room for subscriptions; default 2. */
  readonly room?: number;
  /** How long it keeps a subscription of which it does not hear; default 60 s. */
  readonly leaseMs?: number;
  /** Whether a pull is heard of as well, as the standard has it; default yes. */
  readonly doPullsKeep?: boolean;
  readonly streamUri?: string;
  /** What it takes its own address to be, such as `http://192.168.1.64`, where a NAT stands before it. */
  readonly claims?: string;
}

/** A call or a picture that was asked for. */
export interface Asked {
  /** `PullMessages`; `picture`. */
  readonly what: string;
  readonly path: string;
  readonly proof: 'token' | 'http' | 'none';
  /** The envelope, and the Authorization of the head. */
  readonly text: string;
  readonly authorization: string;
}

const mostAsked = 2_000;
const longPicture = 700 * 1024;

/**
 * 模拟 ONVIF 摄像机: a camera that is written apart from the driver: its own reading, its own check of who speaks, real
 * pictures. It says what is told by `say`, and goes wrong as `manners` has it.
 */
export class SimulatedCamera {
  readonly manners: CameraManners = {
    create: 'ok',
    pull: 'ok',
    renew: 'ok',
    relay: 'ok',
    calls: 'ok',
    picture: 'ok',
    pictureMs: 0,
    elsewhere: null,
    clockOffMs: 0,
  };
  readonly asked: Asked[] = [];
  readonly relays = [false, false];
  readonly #options: CameraOptions;
  readonly #guard: CameraGuard | null;
  readonly #points: PullPoints;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #boot = 1;
  #port = 0;
  #pictures = 0;

  constructor(options: CameraOptions) {
    this.#options = options;
    this.#guard = options.login ? new CameraGuard(options.login) : null;
    this.#points = new PullPoints({
      clock: options.clock,
      now: () => this.#now(),
      tells: options.tells ?? 'path',
      room: options.room ?? 2,
      leaseMs: options.leaseMs ?? 60_000,
      doPullsKeep: options.doPullsKeep ?? true,
    });
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port || (this.#options.port ?? 0), this.#options.host ?? '127.0.0.1', resolve);
    });
    this.#port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  async stop(): Promise<void> {
    this.#points.forget();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  get port(): number {
    return this.#port;
  }

  /** Subscriptions it has room for no longer than their lease. */
  get subscriptions(): number {
    return this.#points.size;
  }

  get wrongLogins(): number {
    return this.#guard?.wrong ?? 0;
  }

  countOf(what: string): number {
    return this.asked.filter((each) => each.what === what).length;
  }

  /** Tells every subscriber, now or with its next pull; and who subscribes later, how it stands. */
  say(notice: CameraNotice): void {
    this.#points.say(notice);
  }

  /** Power off and on: nobody's subscription is known any more, and pictures have other addresses. */
  async reboot(offMs = 0): Promise<void> {
    await this.stop();
    this.#boot += 1;
    if (offMs > 0) await this.#options.clock.sleep(offMs);
    await this.start();
  }

  #now(): number {
    return this.#options.clock.now() + this.manners.clockOffMs;
  }

  get #state(): CameraState {
    const { options, boot, port, relays } = { options: this.#options, boot: this.#boot, port: this.#port, relays: this.relays };
    const { media = ['media', 'media2'], hasServices = true, hasBareProfile = false, streamUri = '' } = options;
    const base = options.claims ?? `http://${options.host ?? '127.0.0.1'}:${port}`;
    const elsewhere = this.manners.picture === 'ok' ? this.manners.elsewhere : null;
    const picture = (token: string) => (this.manners.picture === 'none' ? '' : (elsewhere ?? `${base}/picture/${boot}/${token}`));
    return { base, media, hasServices, hasBareProfile, streamUri, picture, relays, at: this.#now() };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    try {
      let text = '';
      for await (const chunk of request as AsyncIterable<Buffer>) text += chunk.toString();
      const { url = '', headers } = request;
      if (url.startsWith('/picture/')) return await this.#picture(request, response);
      const call = readRequest(text);
      const proof = this.#proofOf(call, request);
      this.#remember({ what: call.operation, path: url, proof, text, authorization: headers.authorization ?? '' });
      await this.#answer(call, url, proof !== 'none' || this.#guard === null, response);
    } catch {
      // Whoever asked has gone.
      response.destroy();
    }
  }

  #proofOf({ text }: Pick<Request, 'text'>, { url = '', method = '', headers }: IncomingMessage): Asked['proof'] {
    const { proofs = ['token', 'http'] } = this.#options;
    if (this.#guard === null) return 'none';
    if (proofs.includes('token') && this.#guard.isGoodToken(text, this.#now())) return 'token';
    return proofs.includes('http') && this.#guard.isGoodDigest(headers.authorization, method, url) ? 'http' : 'none';
  }

  #remember(asked: Asked): void {
    if (this.asked.length >= mostAsked) this.asked.shift();
    this.asked.push(asked);
  }

  async #answer(call: Request, path: string, isKnown: boolean, response: ServerResponse): Promise<void> {
    const { operation } = call;
    const { calls, create, pull, renew } = this.manners;
    if (operation === 'GetSystemDateAndTime' && calls === 'ok') return send(response, 200, answerTo(call, path, this.#state));
    if (!isKnown) return this.#refuse(response);
    if (operation === 'CreatePullPointSubscription') {
      if (create !== 'ok') return misbehave(create, response);
      return send(response, 200, this.#points.create(call.text, `${this.#state.base}/onvif/pull`));
    }
    if (operation === 'PullMessages') {
      if (pull !== 'ok' && pull !== 'at-once') return misbehave(pull, response);
      return send(response, 200, await this.#points.pull(call.text, path, pull === 'at-once', response));
    }
    if (operation === 'Renew')
      return renew === 'ok' ? send(response, 200, this.#points.renew(call.text, path)) : misbehave(renew, response);
    if (operation === 'Unsubscribe') return send(response, 200, this.#points.end(call.text, path));
    if (calls === 'redirect') return redirect(response, this.manners.elsewhere ?? '/');
    if (calls !== 'ok') return misbehave(calls, response);
    if (operation === 'SetRelayOutputState') {
      if (this.manners.relay !== 'ok') return misbehave(this.manners.relay, response);
      this.#switch(call.text);
    }
    send(response, 200, answerTo(call, path, this.#state));
  }

  #refuse(response: ServerResponse): void {
    const { proofs = ['token', 'http'] } = this.#options;
    if (!proofs.includes('http') || this.#guard === null)
      return send(response, 400, faultText('ter:NotAuthorized', 'Sender not authorized'));
    response.writeHead(401, { 'WWW-Authenticate': this.#guard.challenge(), 'Content-Type': 'application/soap+xml' });
    response.end(faultText('ter:NotAuthorized', 'Sender not authorized'));
  }

  #switch(text: string): void {
    const [, nth = '0'] = /RelayOutputToken>Relay_(\d+)</.exec(text) ?? [];
    const isActive = /LogicalState>active</.test(text);
    if (this.relays[Number(nth) - 1] === undefined) return;
    this.relays[Number(nth) - 1] = isActive;
    const state = isActive ? 'active' : 'inactive';
    this.say({
      topic: 'Device/Trigger/Relay',
      source: { RelayToken: `Relay_${nth}` },
      data: { LogicalState: state },
      operation: 'Changed',
    });
  }

  async #picture(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = '', method = '', headers } = request;
    const { picture, pictureMs, elsewhere } = this.manners;
    const isGood = this.#guard === null || this.#guard.isGoodDigest(headers.authorization, method, url);
    const proof = this.#guard !== null && isGood ? 'http' : 'none';
    this.#remember({ what: 'picture', path: url, proof, text: '', authorization: headers.authorization ?? '' });
    if (!isGood) return void response.writeHead(401, { 'WWW-Authenticate': this.#guard?.challenge() ?? '' }).end();
    const [, boot, token] = /^\/picture\/(\d+)\/(\w+)$/.exec(url) ?? [];
    if (Number(boot) !== this.#boot) return void response.writeHead(404).end();
    if (pictureMs > 0) await this.#options.clock.sleep(pictureMs);
    if (picture === 'redirect') return redirect(response, elsewhere ?? '/');
    if (picture === 'html' || picture === 'silent' || picture === 'endless') return misbehave(picture, response);
    const isLarge = picture === 'all-large' || (picture === 'large' && token === 'main');
    const bytes = this.#jpeg(token === 'main' ? 16 : 8, isLarge ? longPicture : 0);
    response.writeHead(200, { 'Content-Type': 'image/jpeg', 'Content-Length': bytes.length }).end(bytes);
  }

  #jpeg(columns: number, commentBytes: number): Buffer {
    const rows = Math.round((columns * 9) / 16);
    const comment = commentBytes === 0 ? {} : { comment: Buffer.alloc(commentBytes, 0x20) };
    return mosaicJpeg({ columns, rows, ...comment }, corridor(columns, rows, ++this.#pictures));
  }
}

function send(response: ServerResponse, status: number, text: string): void {
  const isFault = text.includes('<SOAP-ENV:Fault>');
  response.writeHead(isFault ? 400 : status, { 'Content-Type': 'application/soap+xml; charset=utf-8' }).end(text);
}

function redirect(response: ServerResponse, to: string): void {
  response.writeHead(302, { Location: to }).end();
}

type Misbehaviour = 'fault' | 'empty' | 'html' | 'silent' | 'malformed' | 'unauthorized' | 'reset' | 'endless';

function misbehave(how: Misbehaviour, response: ServerResponse): void {
  switch (how) {
    case 'fault':
      return send(response, 200, faultText('ter:Action', 'Something went wrong'));
    case 'empty':
      return void response.writeHead(200, { 'Content-Type': 'application/soap+xml' }).end();
    case 'html':
      return void response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html><body>Please log in<br></body></html>');
    case 'malformed':
      return send(response, 200, inEnvelope('<tev:PullMessagesResponse><tev:CurrentTime>2026').slice(0, -20));
    case 'unauthorized':
      return void response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="camera"' }).end();
    case 'reset':
      return void response.socket?.resetAndDestroy();
    case 'endless':
      response.writeHead(200, { 'Content-Type': 'image/jpeg' });
      return pour(response);
    case 'silent':
      return;
  }
}

/** More and more, for as long as somebody reads. */
function pour(response: ServerResponse): void {
  const chunk = Buffer.alloc(64 * 1024, 0x20);
  const more = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  more();
}
