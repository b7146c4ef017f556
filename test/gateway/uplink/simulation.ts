import type { Cursor, Hello } from '@yihu/device-profiles/vocabulary/envelope.ts';
import type { Lane } from '@yihu/device-profiles/vocabulary/record.ts';
import { encodeUp, type SpokenWord } from '@yihu/device-profiles/vocabulary/uplink.ts';
import { type Accept, createAccept } from '../../../cloud/accept/accept.ts';
import { createMemoryIngest, type MemoryIngest } from '../../../cloud/accept/memory-ingest.ts';
import type { Clock } from '../../../gateway/clock.ts';
import { Courier, type CourierAction, type CourierMessage } from '../../../gateway/uplink/courier.ts';
import { MemoryLog } from '../../../gateway/store/memory-log.ts';
import { chanceOf } from '../../faults/tcp-proxy.ts';
import { recordOf } from '../../cloud/accept/entries.ts';

const gateway = 'gw-1';

interface Due {
  readonly atMono: number;
  readonly order: number;
  readonly run: () => void;
  cancelled: boolean;
}

/** Time that moves only when it is told to, and stops for every promise that became ready. */
export class SimulatedClock implements Clock {
  #due: Due[] = [];
  #mono = 0;
  #order = 0;
  steps = 0;

  now(): number {
    return 1_760_000_000_000 + Math.floor(this.#mono);
  }

  mono(): number {
    return this.#mono;
  }

  after(ms: number, run: () => void) {
    const due: Due = { atMono: this.#mono + Math.max(0, ms), order: ++this.#order, run, cancelled: false };
    this.#due.push(due);
    return { cancel: () => void (due.cancelled = true) };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.after(ms, resolve);
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  }

  /** Runs everything that falls due until `untilMono`. */
  async runUntil(untilMono: number): Promise<void> {
    for (;;) {
      this.#due = this.#due.filter((due) => !due.cancelled).sort((a, b) => a.atMono - b.atMono || a.order - b.order);
      const next = this.#due[0];
      if (next === undefined || next.atMono > untilMono) break;
      this.#due.shift();
      this.#mono = Math.max(this.#mono, next.atMono);
      this.steps += 1;
      next.run();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#mono = Math.max(this.#mono, untilMono);
  }
}

export interface World {
  readonly clock: SimulatedClock;
  readonly log: MemoryLog;
  readonly ingest: MemoryIngest;
  readonly courier: Courier;
  readonly chance: () => number;
  /** How the net and the database behave from now on. */
  readonly weather: { delayMs: number; jitterMs: number; down: boolean; blackHole: boolean; dbAway: boolean; ackLost: number };
  append(lane: Lane, count: number): Promise<void>;
  /** Ends the session on both sides. */
  cut(): void;
  /** The accepting process dies and another takes over; what waited in it is gone. */
  crash(): void;
  stats(): { sent: number };
}

/** The real courier, the real accept and a log, on a simulated net. `workers` > 1 is an MQTT cluster: no order between them. */
export function makeWorld(seed: number, workers = 1): World {
  const chance = chanceOf(seed);
  const clock = new SimulatedClock();
  const ingest = createMemoryIngest();
  const log = new MemoryLog({ readers: ['uplink'], clock, epoch: 'e1' });
  const courier = new Courier({ epoch: log.epoch, chance });
  const weather: World['weather'] = { delayMs: 20, jitterMs: 20, down: false, blackHole: false, dbAway: false, ackLost: 0 };
  const last: Record<Lane, number> = { alarm: 0, telemetry: 0 };
  let session = 0;
  let sent = 0;
  let upAtMono = 0;
  let downAtMono = 0;
  let timer = clock.after(0, () => undefined);
  const accepts: Accept[] = [];

  const flaky = {
    ...ingest,
    cursor: async (id: string, epoch: string) => (weather.dbAway ? Promise.reject(new Error('away')) : ingest.cursor(id, epoch)),
    commit: async (...args: Parameters<MemoryIngest['commit']>) => {
      await clock.sleep(2 + chance() * 10);
      if (weather.dbAway) throw new Error('away');
      const cursor = await ingest.commit(...args);
      if (chance() < weather.ackLost) throw new Error('committed, and the answer lost');
      return cursor;
    },
  };

  const startAccept = (index: number): void => {
    const accept = createAccept({
      ingest: flaky,
      clock,
      logger: { info: () => undefined, warn: () => undefined },
      limits: { holdMs: workers > 1 ? 500 : 0 },
      reply: (_gateway, cursor) => accepts[index] === accept && toGateway(cursor),
    });
    accepts[index] = accept;
  };

  /** One worker is one TCP connection and keeps order; several do not. */
  const arrival = (previous: number): number => {
    const at = clock.mono() + weather.delayMs + chance() * weather.jitterMs;
    return workers === 1 ? Math.max(previous, at) : at;
  };

  const toGateway = (cursor: Cursor): void => {
    const mine = session;
    downAtMono = arrival(downAtMono);
    clock.after(downAtMono - clock.mono(), () => {
      if (mine === session && !weather.blackHole) tell({ is: 'cursor', cursor });
    });
  };

  const toCloud = (word: SpokenWord, payload: Buffer): void => {
    const mine = session;
    upAtMono = arrival(upAtMono);
    clock.after(upAtMono - clock.mono(), () => {
      if (mine === session && !weather.blackHole) accepts[Math.floor(chance() * workers)]?.receive(gateway, word, payload);
    });
  };

  const tell = (message: CourierMessage): void => {
    for (const action of courier.handle(message, clock.mono())) act(action);
    timer.cancel();
    timer = clock.after(courier.deadline() - clock.mono(), () => tell({ is: 'tick' }));
  };

  const act = (action: CourierAction): void => {
    switch (action.do) {
      case 'open':
        return open();
      case 'close':
        session += 1;
        return undefined;
      case 'greet':
        return greet();
      case 'beat':
        return toCloud('beat', Buffer.from(JSON.stringify({ epoch: 'e1', at: clock.now(), last })));
      case 'read':
        void log
          .read('uplink', action.lane, action.maxBytes, action.after)
          .then((batches) =>
            clock.after(1 + chance() * 3, () =>
              tell({ is: 'read', lane: action.lane, ticket: action.ticket, batches, at: clock.now() }),
            ),
          );
        return undefined;
      case 'send':
        sent += 1;
        return toCloud('up', encodeUp(headerOf(action.batch), action.batch.blob));
      case 'move':
        return void log.moveCursor('uplink', action.lane, action.through);
    }
  };

  const open = (): void => {
    session += 1;
    const mine = session;
    clock.after(weather.delayMs * 3, () => {
      if (mine !== session) return;
      if (weather.down) tell({ is: 'closed' });
      else if (!weather.blackHole) tell({ is: 'opened' });
    });
  };

  const greet = (): void => {
    const hello: Hello = {
      schema: 'yihu-uplink/1',
      gateway,
      epoch: 'e1',
      last: { ...last },
      first: { alarm: 1, telemetry: 1 },
      version: 's',
      at: clock.now(),
    };
    tell({ is: 'greeted', last: hello.last });
    toCloud('hello', Buffer.from(JSON.stringify(hello)));
  };

  for (let index = 0; index < workers; index++) startAccept(index);
  log.onAppend((lanes) => tell({ is: 'appended', lanes }));
  tell({ is: 'tick' });

  return {
    clock,
    log,
    ingest,
    courier,
    chance,
    weather,
    append: async (lane, count) => {
      const records = Array.from({ length: count }, (_, index) => recordOf(lane, last[lane] + index + 1));
      last[lane] += count;
      await log.append({ alarm: [], telemetry: [], state: [], [lane]: records });
    },
    cut: () => {
      session += 1;
      tell({ is: 'closed' });
    },
    crash: () => {
      const index = Math.floor(chance() * workers);
      void accepts[index]?.stop();
      startAccept(index);
      if (workers === 1) {
        session += 1;
        tell({ is: 'closed' });
      }
    },
    stats: () => ({ sent }),
  };
}

function headerOf({ lane, first, last }: { lane: Lane; first: number; last: number }) {
  return { schema: 'yihu-uplink/1', epoch: 'e1', lane, first, last } as const;
}
