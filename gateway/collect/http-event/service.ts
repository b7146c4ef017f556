import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../clock.ts';
import type { Snapshot } from '../driver.ts';
import type { Intake } from './intake.ts';
import { pathOf, wordAt } from './json-path.ts';
import { limits } from './limits.ts';
import { compileShown, meaningOf } from './meaning.ts';
import type { Outbox } from './outbox.ts';
import type { HttpDevice } from './port.ts';
import { type ReplyContext, writeReply, type WrittenReply } from './replies.ts';
import { drain, readRequest, type RequestBody } from './request-body.ts';
import type { Route, Routes } from './routes.ts';
import type { Recognised, Senders } from './senders.ts';

export interface ServiceParts {
  readonly routes: Routes;
  readonly senders: Senders;
  readonly intake: Intake;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly snapshot: ((snapshot: Snapshot) => Promise<void>) | undefined;
}

/** A wrong digest costs its sender this much, so that passwords are not tried out by the thousand. */
const brakeMs = 1_000;
const nothing: RequestBody = { messages: [], pictures: [], shed: 0, bytes: 0 };

/** What is done with one request: who speaks, what it says, and, once that is on disk, the reply of the profile. */
export class Service {
  readonly #parts: ServiceParts;
  readonly #shown = new WeakMap<object, ReturnType<typeof compileShown>>();

  constructor(parts: ServiceParts) {
    this.#parts = parts;
  }

  async serve(request: IncomingMessage, response: ServerResponse, remote: string): Promise<void> {
    const { intake, routes, senders } = this.#parts;
    const target = request.url ?? '';
    const [path = '', ...rest] = target.split('?');
    if (target.length > limits.targetChars || !path.startsWith('/')) {
      intake.refuse('requests_refused', remote, 'a target too long, or no path');
      return end(response, 414);
    }
    const matches = routes.match(request.method ?? '', path, new URLSearchParams(rest.join('?')));
    if (matches.length === 0) {
      intake.refuse(
        'requests_refused',
        `${remote} ${request.method ?? ''} ${masked(path)}`,
        'no device of this port sends to this path',
      );
      return end(response, 404);
    }
    const who = senders.recognise(
      {
        method: request.method ?? '',
        target,
        remote,
        authorization: request.headers.authorization,
        deviceKey: headerOf(request, 'x-device-key'),
      },
      matches,
    );
    if (!('device' in who)) return this.#turnAway(response, who, `${remote} ${masked(path)}`);
    await this.#answer(request, response, who.device, who.route);
  }

  async #turnAway(response: ServerResponse, who: Exclude<Recognised, { device: HttpDevice }>, what: string): Promise<void> {
    const { intake, clock } = this.#parts;
    if ('refused' in who) {
      intake.refuse('senders_refused', what, who.refused);
      return end(response, 403);
    }
    if (who.hasTried) {
      intake.refuse('senders_refused', what, who.why);
      await clock.sleep(brakeMs);
    }
    response.setHeader('WWW-Authenticate', [...who.challenges]);
    // Not closed: a digest client comes again on the same connection.
    response.writeHead(401, { 'Content-Length': 0 }).end();
  }

  async #answer(request: IncomingMessage, response: ServerResponse, device: HttpDevice, route: Route): Promise<void> {
    const startedMono = this.#parts.clock.mono();
    const body = await this.#read(request, device, route);
    if (body === 'too-large') {
      this.#parts.intake.refuse('requests_too_large', device.id, `more than ${route.request.longest} bytes`);
      return end(response, 413);
    }
    const taken = await this.#take(device, route, body);
    if (taken === null) {
      this.#trace(device, route, body, startedMono, '503');
      response.setHeader('Retry-After', String(limits.retryAfterSeconds));
      return end(response, 503);
    }
    if (route.request.hold !== undefined) await this.#hold(response, device, route.request.hold);
    // Who is gone must not be handed a command.
    if (response.destroyed) return;
    const reply = writeReply(route.request, this.#context(device, body, taken));
    this.#trace(device, route, body, startedMono, `${reply.status} ${reply.type} ${reply.template}`);
    await this.#send(response, reply);
  }

  async #read(request: IncomingMessage, device: HttpDevice, { request: wanted }: Route): Promise<RequestBody | 'too-large'> {
    if (wanted.is === 'alive' || wanted.is === 'poll') return (await drain(request)) ? nothing : 'too-large';
    const { pictures } = meaningOf(device.profile).transport;
    const body = await readRequest(request, wanted, this.#parts.snapshot ? pictures : []);
    if ('tooLarge' in body) return 'too-large';
    return 'broken' in body ? { ...nothing, unread: body.broken } : body;
  }

  /** How many messages were news; null where they could not be kept. */
  async #take(device: HttpDevice, { name, request }: Route, body: RequestBody): Promise<number | null> {
    const { intake, outbox } = this.#parts;
    if (body.unread !== undefined) intake.refuse('bodies_unread', `${device.id} ${request.path}`, body.unread);
    intake.counters.add('pictures_dropped', body.shed);
    if (request.is === 'result' && request.result) {
      const { id, code, least } = request.result;
      for (const message of body.messages) {
        const said = wordAt(message, pathOf(code)) ?? '';
        outbox.result(device.id, Number(wordAt(message, pathOf(id))), said !== '' && Number(said) >= least, said);
      }
    }
    if (request.is !== 'event' || body.messages.length === 0) {
      intake.alive(device);
      return 0;
    }
    try {
      await intake.take({ device, channel: name, messages: body.messages });
    } catch {
      // Counted where it failed; the device hears 503 and sends it again.
      return null;
    }
    await this.#keepPictures(device, body);
    return body.messages.length;
  }

  /** The event is kept; a picture that cannot be is no reason to have it sent again. */
  async #keepPictures(device: HttpDevice, { pictures, messages }: RequestBody): Promise<void> {
    const { snapshot, intake, clock } = this.#parts;
    const [first] = messages;
    const serial = first === undefined ? undefined : meaningOf(device.profile).serialOf(first);
    for (const { name, type, bytes } of pictures) {
      const facts = {
        device: device.id,
        at: clock.now(),
        type,
        bytes,
        name,
        ...(serial !== undefined && { serial: String(serial) }),
      };
      const isKept = await (snapshot?.(facts).then(
        () => true,
        () => false,
      ) ?? false);
      intake.counters.add(isKept ? 'pictures_kept' : 'pictures_dropped');
    }
  }

  #context(device: HttpDevice, { messages }: RequestBody, count: number): ReplyContext {
    const { identity } = meaningOf(device.profile).transport;
    return {
      identityName: identity.name,
      identity: device.address.identity,
      message: messages[0] ?? null,
      count,
      takeCommand: () => this.#parts.outbox.take(device.id),
    };
  }

  async #hold(response: ServerResponse, device: HttpDevice, ms: number): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    await this.#parts.outbox.arrival(device.id, ms, gone.signal);
  }

  async #send(response: ServerResponse, { status, type, body, command }: WrittenReply): Promise<void> {
    const { outbox } = this.#parts;
    const bytes = Buffer.from(body);
    const isOut = await new Promise<boolean>((resolve) => {
      response.once('close', () => resolve(response.writableFinished));
      response.once('finish', () => resolve(true));
      response.writeHead(status, { 'Content-Type': type, 'Content-Length': bytes.length }).end(bytes);
    });
    if (!command) return;
    if (isOut) outbox.delivered(command);
    else outbox.broken(command);
  }

  /** The path as the profile has it, because a key may stand in the real one; of the message only what tells it apart. */
  #trace(device: HttpDevice, { request, profile }: Route, body: RequestBody, startedMono: number, reply: string): void {
    const { intake, clock } = this.#parts;
    const shown = this.#shown.get(profile) ?? compileShown(profile);
    this.#shown.set(profile, shown);
    const query = Object.entries(request.query).map(([name, value]) => `${name}=${value}`);
    const asked = `${request.method} ${request.path}${query.length > 0 ? `?${query.join('&')}` : ''}`;
    const said = body.messages.slice(0, 3).map(shown);
    intake.exchanges.add(device.id, {
      at: clock.now(),
      heard: [asked, ...(body.bytes > 0 ? [`${body.bytes} B`] : []), ...said].join(' '),
      sent: reply,
      tookMs: clock.mono() - startedMono,
      ...(body.unread === undefined
        ? {}
        : { note: { zh: `内容读不出（${body.unread}）`, en: `The body could not be read (${body.unread})` } }),
    });
  }
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** A key in a path must not be shown, not even a mistyped one. */
function masked(path: string): string {
  return path
    .split('/')
    .map((segment) => (segment.length > 16 ? '…' : segment))
    .join('/');
}

function end(response: ServerResponse, status: number): void {
  // Nothing more is read of a request that is not served.
  response.writeHead(status, { 'Content-Length': 0, Connection: 'close' }).end();
}
