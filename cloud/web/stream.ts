import type { StreamEvent } from '@yihu/device-profiles/vocabulary/view.ts';
import type { ServerResponse } from 'node:http';
import { type Clock, every, type Timer } from '../clock.ts';
import { limits } from '../limits.ts';
import { type Mask, maskEvent } from './mask.ts';
import type { CallerCheck, Scope, StreamedEvent, StreamSource } from './needs.ts';

/** One open event stream: who reads it, where it stands, and whether its socket keeps up. */
interface Client {
  readonly token: string;
  readonly response: ServerResponse;
  position: bigint;
  /** Its socket is full: nothing is written until it drains, then one `resync` says that events are missing. */
  lagging: boolean;
}

/** Readers with the same scope share one reading of the records and one serialisation of each event. */
interface Group {
  readonly scope: Scope;
  readonly mask: Mask;
  readonly clients: Set<Client>;
  position: bigint;
  busy: Promise<void>;
  /** A wake came while it was reading. */
  again: boolean;
  /** Clients that are still being shown what they missed. */
  readonly joining: Set<Client>;
  /** Set while a count of the devices is due. */
  counting: Timer | null;
  /** The count that was said last. */
  counted: string;
}

export interface Streams {
  /** Feeds a response until it closes, beginning after the stream event `after`. */
  open(response: ServerResponse, who: { token: string; scope: Scope; mask: Mask }, after: string): void;
  /** The streams of a session that was signed out end now. */
  endSession(token: string): void;
  count(): number;
  countOf(token: string): number;
  stop(): Promise<void>;
}

export interface StreamOptions {
  readonly records: StreamSource;
  readonly accounts: CallerCheck;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

export function createStreams(options: StreamOptions): Streams {
  const { records, clock, onError } = options;
  const groups = new Map<string, Group>();
  const clients = () => [...groups.values()].flatMap((group) => [...group.clients, ...group.joining]);
  const wake = (): void => {
    for (const group of groups.values()) pump(group, options);
  };
  const stopListening = records.onStream(wake);
  const stopPolling = every(clock, limits.streamPollMs, wake);
  const stopBeating = every(clock, limits.beatMs, () => void beat([...groups.values()], options).catch(onError));
  return {
    open: (response, who, after) => openClient(response, who, after, groups, options),
    endSession: (token) =>
      clients()
        .filter((client) => client.token === token)
        .forEach(({ response }) => response.end()),
    count: () => clients().length,
    countOf: (token) => clients().filter((client) => client.token === token).length,
    stop: async () => {
      stopListening();
      stopPolling();
      stopBeating();
      for (const { response } of clients()) response.end();
      for (const group of groups.values()) group.counting?.cancel();
      await Promise.all([...groups.values()].map((group) => group.busy));
    },
  };
}

function openClient(
  response: ServerResponse,
  { token, scope, mask }: { token: string; scope: Scope; mask: Mask },
  after: string,
  groups: Map<string, Group>,
  options: StreamOptions,
): void {
  const client: Client = { token, response, position: BigInt(after), lagging: false };
  const key = JSON.stringify([mask, scope.areas]);
  const group = groups.get(key) ?? newGroup(scope, mask);
  groups.set(key, group);
  group.joining.add(client);
  const leave = (): void => {
    group.clients.delete(client);
    if (group.clients.size + group.joining.size === 0) groups.delete(key);
  };
  response.on('drain', () => recover(client, group, options.clock));
  response.on('close', leave);
  write(client, 'retry: 1000\n\n');
  const fail = (error: unknown): void => {
    options.onError(error);
    response.end();
  };
  void replay(client, group, options)
    .then(() => {
      // The last step in the group's own turn, so that no event falls between the replay and the first live one.
      group.busy = group.busy.then(() => join(client, group, options)).catch(fail);
      return group.busy;
    })
    .catch(fail)
    .finally(() => {
      group.joining.delete(client);
      if (response.destroyed) leave();
    });
}

function newGroup(scope: Scope, mask: Mask): Group {
  return {
    scope,
    mask,
    clients: new Set(),
    position: 0n,
    busy: Promise.resolve(),
    again: false,
    joining: new Set(),
    counting: null,
    counted: '',
  };
}

/** Shows one client what it missed, at the pace of its own socket: this is nobody else's wait. */
async function replay(client: Client, group: Group, options: StreamOptions): Promise<void> {
  for (;;) {
    const moved = await showPage(client, group, options);
    if (!moved || !isOpen(client)) return;
    if (!(await drained(client.response, options.clock))) return void client.response.destroy();
  }
}

/** Neither gone nor sent away: a session may be signed out in the middle of a replay. */
function isOpen({ response }: Client): boolean {
  return !response.destroyed && !response.writableEnded;
}

/** Writes what came after the client's position; true where there may be more. */
async function showPage(client: Client, group: Group, { records, clock }: StreamOptions): Promise<boolean> {
  const page = await records.streamAfter(group.scope, String(client.position), limits.streamBatch);
  if (!isOpen(client)) return false;
  if (page.resync) client.response.write(lines({ type: 'resync', at: clock.now() }, page.last));
  else
    for (const each of page.events) {
      const text = linesOf(each, group.mask);
      if (text !== '') client.response.write(text);
    }
  const moved = BigInt(page.last) > client.position;
  client.position = BigInt(page.last);
  return moved;
}

/** Resolves to true when the socket takes more, false when it did not for `streamPatienceMs`. */
function drained(response: ServerResponse, clock: Clock): Promise<boolean> {
  if (!response.writableNeedDrain) return Promise.resolve(true);
  return new Promise((resolve) => {
    const timer = clock.after(limits.streamPatienceMs, () => resolve(false));
    const done = (): void => {
      timer.cancel();
      resolve(true);
    };
    response.once('drain', done);
    response.once('close', done);
  });
}

async function join(client: Client, group: Group, options: StreamOptions): Promise<void> {
  while (isOpen(client) && (await showPage(client, group, options)));
  if (!isOpen(client)) return;
  if (group.clients.size === 0) group.position = client.position;
  // Its snapshot may have been taken between two counts: the next one is news to it.
  group.counted = '';
  group.clients.add(client);
  write(client, lines({ type: 'beat', at: options.clock.now() }));
}

/** Reads on for a group, one reading at a time; a wake during a reading makes it look once more. */
function pump(group: Group, options: StreamOptions): void {
  if (group.again) return;
  group.again = true;
  group.busy = group.busy
    .then(async () => {
      group.again = false;
      if (group.clients.size > 0) await readOn(group, options);
    })
    .catch(options.onError);
}

async function readOn(group: Group, options: StreamOptions): Promise<void> {
  const { records, clock } = options;
  for (;;) {
    const page = await records.streamAfter(group.scope, String(group.position), limits.streamBatch);
    const moved = BigInt(page.last) > group.position;
    group.position = BigInt(page.last);
    if (page.resync) startAgain(group, clock);
    if (page.events.some(({ event }) => event.type === 'device' || event.type === 'gateway')) countSoon(group, options);
    let written = 0;
    for (const each of page.resync ? [] : page.events) {
      const text = linesOf(each, group.mask);
      for (const client of group.clients) deliver(client, BigInt(each.id), text);
      written += text.length;
      // A burst longer than a socket's buffer is handed over in parts, so that a reader that keeps up is not called slow.
      if (written > limits.streamBacklogBytes / 4) {
        written = 0;
        await clock.sleep(0);
      }
    }
    if (!moved) return;
  }
}

/** Counts a group's devices once a second at most, however many of them change in it; says it only where it is news. */
function countSoon(group: Group, { records, clock, onError }: StreamOptions): void {
  group.counting ??= clock.after(limits.streamCountsMs, () => {
    group.counting = null;
    records.deviceCounts(group.scope).then((devices) => {
      const counted = JSON.stringify(devices);
      if (counted === group.counted) return;
      group.counted = counted;
      for (const client of group.clients) write(client, lines({ type: 'counts', at: clock.now(), devices }));
    }, onError);
  });
}

/** Events are gone, or the records went back to an older state: everybody takes a new snapshot and goes on from here. */
function startAgain(group: Group, clock: Clock): void {
  for (const client of group.clients) {
    client.position = group.position;
    write(client, lines({ type: 'resync', at: clock.now() }, String(group.position)));
  }
}

function deliver(client: Client, id: bigint, text: string): void {
  if (id <= client.position || client.lagging) return;
  client.position = id;
  write(client, text);
}

function write(client: Client, text: string): void {
  if (text === '' || !isOpen(client) || client.lagging) return;
  client.response.write(text);
  client.lagging = client.response.writableLength > limits.streamBacklogBytes;
}

/** The socket is empty again: what it missed is not sent after, the screen takes a new snapshot. */
function recover(client: Client, group: Group, clock: Clock): void {
  if (!client.lagging) return;
  client.lagging = false;
  client.position = group.position;
  write(client, lines({ type: 'resync', at: clock.now() }, String(group.position)));
}

/** Says "still here" to everybody, and ends the streams whose session is over: so a revoked one ends within a beat. */
async function beat(groups: readonly Group[], { accounts, clock }: StreamOptions): Promise<void> {
  const clients = groups.flatMap((group) => [...group.clients, ...group.joining]);
  const tokens = [...new Set(clients.map((client) => client.token))];
  for (const group of groups) for (const client of group.clients) write(client, lines({ type: 'beat', at: clock.now() }));
  for (const token of tokens) {
    if (await accounts.isLive(token)) continue;
    for (const client of clients) if (client.token === token) client.response.end();
  }
}

/** Empty where the event is not for these readers: they step over it. */
function linesOf({ id, event }: StreamedEvent, mask: Mask): string {
  const seen = maskEvent(event, mask);
  return seen === null ? '' : lines(seen, id);
}

function lines(event: StreamEvent, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(event)}\n\n`;
}
