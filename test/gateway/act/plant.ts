import { unpackTrusted } from '@yihu/device-profiles/vocabulary/pack.ts';
import { Command } from '@yihu/device-profiles/vocabulary/command.ts';
import { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import type { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import { Acts, type ActsOptions } from '../../../gateway/act/acts.ts';
import type { Order } from '../../../gateway/act/order.ts';
import type { Act, ActOutcome } from '../../../gateway/collect/driver.ts';
import type { Commit, StoreErrorCode } from '../../../gateway/store/log.ts';
import { MemoryLog } from '../../../gateway/store/memory-log.ts';
import { MemoryRows } from '../../../gateway/store/memory-rows.ts';
import { HandClock, settle } from '../../hand-clock.ts';

const commands = {
  open: Command.parse({
    name: { zh: '开门', en: 'Open' },
    do: {},
    args: { door: { name: { zh: '门' }, min: 1, max: 4 } },
    verify: { point: 'lock', is: 'open', within: '5s' },
    ttl: '30s',
  }),
  beep: Command.parse({ name: { zh: '鸣响', en: 'Beep' }, do: {}, ttl: '10s' }),
  pump: Command.parse({ name: { zh: '启泵', en: 'Start the pump' }, do: {}, confirm: 'two-person', ttl: '20s' }),
  set: Command.parse({
    name: { zh: '设定', en: 'Set' },
    do: {},
    args: {
      level: { name: { zh: '高度' }, min: 0, max: 100 },
      mode: { name: { zh: '方式' }, type: 'text', choices: { auto: { zh: '自动' }, hand: { zh: '手动' } } },
    },
    verify: { point: 'level', is: '{level}', within: '5s' },
  }),
} as const;

const never = new Promise<never>(() => {});

/** Devices `d1`, `d2` on a wire that is scripted, over one disk and several lives of the gateway. */
export class Plant {
  readonly clock = new HandClock();
  readonly rows = new MemoryRows();
  /** What reached the wire, in order, over all lives. */
  readonly wire: string[] = [];
  readonly troubles: string[] = [];
  /** What the wire answers. */
  outcome: (act: Act) => Promise<ActOutcome> | ActOutcome = () => ({ state: 'sent' });
  values = new Map<string, Value>();
  active = new Set<string>();
  interlocks: ReturnType<ActsOptions['interlocks']> = [];
  /** Called before each commit reaches the disk, and after. */
  onCommit: ((when: 'before' | 'after', commit: Commit) => void) | null = null;
  #life = { dead: false };
  #memory = this.#open();

  #open(): MemoryLog {
    return new MemoryLog({ readers: ['uplink'], clock: this.clock, rows: this.rows });
  }

  set refuses(code: StoreErrorCode | null) {
    this.rows.refuses = code;
  }

  async boot(): Promise<Acts> {
    this.#life.dead = true;
    const life = { dead: false };
    this.#life = life;
    this.#memory = this.#open();
    const memory = this.#memory;
    const acts = new Acts({
      target: (device) =>
        device.startsWith('d') ? { profile: 'p', commands, send: (act) => (life.dead ? never : this.#send(act)) } : undefined,
      interlocks: () => this.interlocks,
      sight: {
        value: (device, point) => this.values.get(`${device}.${point}`),
        isActive: (device, alarm) => this.active.has(`${device}.${alarm}`),
      },
      keep: async (records, state) => {
        if (life.dead) return never;
        const commit = { alarm: records, telemetry: [], state };
        this.onCommit?.('before', commit);
        if (life.dead) return never;
        await memory.append(commit);
        this.onCommit?.('after', commit);
        if (life.dead) return never;
      },
      clock: this.#mortal(life),
      stamp: () => ({ at: this.clock.now() }),
      onTrouble: ({ en }) => this.troubles.push(en),
    });
    await acts.begin(await memory.loadState());
    return acts;
  }

  kill(): void {
    this.#life.dead = true;
  }

  async #send(act: Act): Promise<ActOutcome> {
    this.wire.push(`${act.device} ${act.command} ${act.id}`);
    return this.outcome(act);
  }

  /** A dead process has no timers. */
  #mortal(life: { dead: boolean }) {
    const { clock } = this;
    return {
      now: () => clock.now(),
      mono: () => clock.mono(),
      after: (ms: number, run: () => void) => clock.after(ms, () => life.dead || run()),
      sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms, signal),
    };
  }

  /** The states of each order in the log, in order: `o1 accepted`. */
  async said(): Promise<string[]> {
    return (await this.records()).flatMap((record) => (record.kind === 'act' ? [`${record.id} ${record.state}`] : []));
  }

  async records(): Promise<LogRecord[]> {
    const batches = await this.#memory.read('uplink', 'alarm', 1e9, 0);
    return batches.flatMap(({ blob }) => unpackTrusted(blob).map(({ record }) => LogRecord.parse(record)));
  }
}

export const order = (id: string, more: Partial<Order> = {}): Order => ({
  id,
  device: 'd1',
  command: 'beep',
  by: 'wang',
  ...more,
});

export { settle };
