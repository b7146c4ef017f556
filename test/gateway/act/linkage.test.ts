import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import { unpackTrusted } from '@yihu/device-profiles/vocabulary/pack.ts';
import { Command } from '@yihu/device-profiles/vocabulary/command.ts';
import { type Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import type { Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import { describe, expect, it } from 'vitest';
import { Acting } from '../../../gateway/acting.ts';
import { Resolver } from '../../../gateway/act/resolve.ts';
import { InterlockSection, LinkageSection } from '../../../gateway/act/settings.ts';
import type { Act, ActOutcome, RunningPort } from '../../../gateway/collect/driver.ts';
import type { Site } from '../../../gateway/config.ts';
import type { Decoder } from '../../../gateway/decode/decode.ts';
import { compileRules } from '../../../gateway/evaluate/rules.ts';
import { limits } from '../../../gateway/limits.ts';
import { startPipeline } from '../../../gateway/pipeline.ts';
import { MemoryLog } from '../../../gateway/store/memory-log.ts';
import { MemoryRows } from '../../../gateway/store/memory-rows.ts';
import { HandClock, settle } from '../../hand-clock.ts';

const alarm = (point: string, hazard: string, more = {}) => ({
  name: { zh: point },
  severity: 'major',
  hazard,
  latch: 'none',
  for: 0,
  clearFor: 0,
  samples: 1,
  point,
  is: true,
  ...more,
});

const profiles: Record<string, Profile> = {
  smoke: {
    id: 'smoke',
    category: 'fire.smoke',
    availability: { offlineAfter: 3_600_000 },
    points: { smoke: {}, gas: {} },
    alarms: { smoke: alarm('smoke', 'fire'), gas: alarm('gas', 'gas', { severity: 'minor' }) },
    commands: {},
  },
  door: {
    id: 'door',
    category: 'access.controller',
    availability: { offlineAfter: 3_600_000 },
    points: { open: { name: { zh: '门' } }, running: { name: { zh: '运行' } } },
    alarms: {},
    commands: {
      open: Command.parse({ name: { zh: '开门' }, do: {}, verify: { point: 'open', is: true } }),
      close: Command.parse({ name: { zh: '关门' }, do: {}, verify: { point: 'open', is: false } }),
      vent: Command.parse({ name: { zh: '排烟' }, do: {}, confirm: 'two-person' }),
    },
  },
} as unknown as Record<string, Profile>;

/** `smoke=1`, `open=0`: one reading. */
const decoder: Decoder = {
  decode: ({ at, body }) => {
    const [point = '', value] = body.kind === 'message' ? Buffer.from(body.payload).toString().split('=') : [];
    const reading: Reading = { point, value: value === '1', quality: 'good', at };
    return { readings: [reading], events: [] };
  },
};

const devices = [
  { id: 's1', profile: 'smoke', place: { building: '3' } },
  { id: 's2', profile: 'smoke', place: { building: '3' } },
  { id: 's3', profile: 'smoke', place: { building: '4' } },
  { id: 'd1', profile: 'door', place: { building: '3' } },
  { id: 'd2', profile: 'door', place: { building: '3' } },
  { id: 'd3', profile: 'door', place: { building: '4' } },
];

interface Sections {
  readonly linkage?: unknown[];
  readonly interlocks?: unknown[];
  readonly maintained?: string[];
}

/** A community over several lives of its gateway: the real path, log, acts and linkage; the wire is scripted. */
class Community {
  readonly clock = new HandClock();
  readonly rows = new MemoryRows();
  readonly wire: string[] = [];
  readonly troubles: string[] = [];
  outcome: (act: Act) => Promise<ActOutcome> | ActOutcome = () => ({ state: 'sent' });
  onCommit: ((when: 'before' | 'after') => void) | null = null;
  #life = { dead: false };
  readonly #sections: Sections;

  constructor(sections: Sections) {
    this.#sections = sections;
  }

  kill(): void {
    this.#life.dead = true;
  }

  #site(): Site {
    const { linkage = [], interlocks = [], maintained = [] } = this.#sections;
    const bound = devices.map(({ id, profile, place }) => {
      const own = profiles[profile];
      if (!own) throw new Error(profile);
      return {
        id,
        name: { zh: id },
        place,
        profile: own,
        category: own.category,
        severities: {},
        port: 'p',
        address: {},
        overrides: {},
      };
    });
    const resolver = new Resolver(bound);
    const rules = resolver.linkage(linkage.map((section) => LinkageSection.parse(section)));
    const locks = resolver.interlocks(interlocks.map((section) => InterlockSection.parse(section)));
    expect(resolver.problems).toEqual([]);
    return { devices: bound, linkage: rules, interlocks: locks, maintained: new Set(maintained) } as unknown as Site;
  }

  async boot() {
    this.#life.dead = true;
    const life = { dead: false };
    this.#life = life;
    const site = this.#site();
    const memory = new MemoryLog({ readers: ['uplink'], clock: this.clock, rows: this.rows });
    const log: MemoryLog = new Proxy(memory, {
      get: (target, key) => {
        if (key !== 'append') return Reflect.get(target, key).bind?.(target) ?? Reflect.get(target, key);
        return async (commit: Parameters<MemoryLog['append']>[0]) => {
          this.onCommit?.('before');
          if (life.dead) return new Promise(() => {});
          const appended = await memory.append(commit);
          this.onCommit?.('after');
          return life.dead ? new Promise(() => {}) : appended;
        };
      },
    });
    const clock = {
      now: () => this.clock.now(),
      mono: () => this.clock.mono(),
      after: (ms: number, run: () => void) => this.clock.after(ms, () => life.dead || run()),
      sleep: (ms: number, signal?: AbortSignal) =>
        this.clock.sleep(ms, signal).then(() => (life.dead ? new Promise<void>(() => {}) : undefined)),
    };
    const acting = new Acting({
      site: () => site,
      log,
      clock,
      stamp: () => ({ at: clock.now() }),
      onTrouble: ({ en }) => this.troubles.push(en),
    });
    await acting.begin(await memory.loadState());
    const pipeline = await startPipeline({
      log,
      clock,
      devices: site.devices.map(({ id, profile }) => ({ id, profile: profile.id, decoder, rules: compileRules(profile) })),
      inventory: [],
      inventoryHash: 'h',
      linkage: acting.linkage,
      onHeard: (device, readings) => acting.acts.heard(device, readings),
      onTrouble: () => {},
    });
    const port = {
      act: async (act: Act) => {
        if (life.dead) return new Promise(() => {});
        this.wire.push(`${act.device} ${act.command}`);
        return this.outcome(act);
      },
    } as unknown as RunningPort;
    acting.take({ pipeline, port: () => port });
    const say = async (device: string, text: string) => {
      const body = { kind: 'message', channel: 'up', topic: 't', payload: Buffer.from(text) } as const;
      const frame: Frame = { device, at: this.clock.now(), body };
      void pipeline.emit([frame]).catch(() => {});
      await this.clock.advance(limits.groupMs);
    };
    return { acting, pipeline, say };
  }

  async acts() {
    const memory = new MemoryLog({ readers: ['uplink'], clock: this.clock, rows: this.rows });
    const batches = await memory.read('uplink', 'alarm', 1e9, 0);
    const records = batches.flatMap(({ blob }) => unpackTrusted(blob).map(({ record }) => LogRecord.parse(record)));
    return records.flatMap((record) => (record.kind === 'act' ? [record] : []));
  }

  /** `d1 open sent`, one for each change of state. */
  async said() {
    return (await this.acts()).map(({ device, command, state }) => `${device} ${command} ${state}`);
  }
}

const fireDoors = {
  id: 'fire-doors',
  name: '火警开门',
  when: { hazard: 'fire', place: { building: '3' } },
  do: [{ category: 'access.controller', place: { building: '3' }, command: 'open' }],
};

describe('an alarm', () => {
  it('has devices do something, without the cloud, once per episode, with its cause', async () => {
    const community = new Community({ linkage: [fireDoors] });
    const { say } = await community.boot();
    await say('s1', 'smoke=1');
    await say('s1', 'smoke=1');
    expect(community.wire).toEqual(['d1 open', 'd2 open']);
    for (const door of ['d1', 'd2']) await say(door, 'open=1');
    const acts = await community.acts();
    expect(acts.filter(({ device }) => device === 'd1').map(({ state }) => state)).toEqual(['accepted', 'sent', 'confirmed']);
    expect(acts.at(-1)).toMatchObject({
      by: ['linkage/fire-doors'],
      cause: { linkage: 'fire-doors', device: 's1', alarm: 'smoke', episode: 1, on: 'raised' },
    });
    await say('s1', 'smoke=0');
    await say('s1', 'smoke=1');
    expect(community.wire).toHaveLength(4);
  });

  it('of another hazard, place or weight does not', async () => {
    const grave = { ...fireDoors, when: { hazard: 'gas', severity: 'major' } };
    const community = new Community({ linkage: [fireDoors, { ...grave, id: 'gas' }] });
    const { say } = await community.boot();
    await say('s3', 'smoke=1');
    await say('s1', 'gas=1');
    expect(community.wire).toEqual([]);
  });

  it('may have it done when it is over, and undone when the last one is', async () => {
    const over = {
      ...fireDoors,
      id: 'over',
      when: { ...fireDoors.when, edge: 'cleared' },
      do: [{ devices: ['d3'], command: 'open' }],
    };
    const undone = { ...fireDoors, do: [{ devices: ['d1'], command: 'open' }], undo: [{ devices: ['d1'], command: 'close' }] };
    const community = new Community({ linkage: [over, undone] });
    const { say } = await community.boot();
    await say('s1', 'smoke=1');
    await say('s2', 'smoke=1');
    await say('d1', 'open=1');
    await community.clock.advance(6_000);
    expect(community.wire).toEqual(['d1 open', 'd1 open']);
    await say('s1', 'smoke=0');
    expect(community.wire.slice(2)).toEqual(['d3 open']);
    await say('s2', 'smoke=0');
    await community.clock.advance(6_000);
    expect(community.wire.slice(3).sort()).toEqual(['d1 close', 'd3 open']);
  });

  it('waits for its delay, and does nothing where it is over by then', async () => {
    const community = new Community({ linkage: [{ ...fireDoors, after: '30s', do: [{ devices: ['d1'], command: 'open' }] }] });
    const { say } = await community.boot();
    await say('s1', 'smoke=1');
    await say('s2', 'smoke=1');
    await community.clock.advance(20_000);
    expect(community.wire).toEqual([]);
    await say('s2', 'smoke=0');
    await community.clock.advance(10_000);
    expect(community.wire).toEqual(['d1 open']);
    const reasons = (await community.acts()).flatMap(({ reason }) => (reason ? [reason.code] : []));
    expect(reasons).toContain('condition-gone');
  });
});

describe('what stands in the way', () => {
  const pump = { device: 'd3', point: 'running', is: true, name: '消防泵运行' };
  const gas = {
    id: 'gas',
    name: '燃气关阀',
    when: { hazard: 'gas' },
    do: [{ devices: ['d1'], command: 'close' }],
    unless: [pump],
  };

  it.each([
    ['running=1', 'blocked', 'interlock'],
    ['running=0', 'accepted', undefined],
    [undefined, 'blocked', 'interlock-unknown'],
  ])('a pump that says %s: %s', async (said, state, code) => {
    const community = new Community({ linkage: [gas] });
    const { say } = await community.boot();
    if (said) await say('d3', said);
    await say('s1', 'gas=1');
    expect((await community.acts())[0]).toMatchObject({ state, ...(code && { reason: { code } }) });
    expect(community.wire).toHaveLength(state === 'accepted' ? 1 : 0);
  });

  it('unless the installer wants it done where nobody can tell', async () => {
    const community = new Community({ linkage: [{ ...gas, unless: [{ ...pump, unknown: 'act' }] }] });
    const { say } = await community.boot();
    await say('s1', 'gas=1');
    expect(community.wire).toEqual(['d1 close']);
  });

  it('a value that a device said before it was lost tells nothing', async () => {
    const community = new Community({ linkage: [gas] });
    const { say } = await community.boot();
    await say('d3', 'running=0');
    await community.clock.advance(3_700_000);
    await say('s1', 'gas=1');
    expect((await community.acts())[0]?.reason?.code).toBe('interlock-unknown');
  });

  it('an alarm, and an interlock of the device itself', async () => {
    const lock = { name: '火警时不关', devices: ['d1'], commands: ['close'], unless: [{ device: 's2', alarm: 'smoke' }] };
    const community = new Community({ linkage: [{ ...gas, unless: [] }], interlocks: [lock] });
    const { say, acting } = await community.boot();
    await say('s2', 'smoke=1');
    await say('s1', 'gas=1');
    expect(await community.said()).toEqual(['d1 close blocked']);
    await acting.acts.order({ id: 'o1', device: 'd1', command: 'close', by: 'wang' });
    await acting.acts.order({ id: 'o2', device: 'd1', command: 'open', by: 'wang' });
    expect((await community.said()).slice(1, 3)).toEqual(['d1 close blocked', 'd1 open accepted']);
  });

  it('maintenance, of what would set it off and of what would be told', async () => {
    const community = new Community({ linkage: [fireDoors], maintained: ['s1', 'd1'] });
    const { say } = await community.boot();
    await say('s1', 'smoke=1');
    expect(await community.said()).toEqual([]);
    await say('s2', 'smoke=1');
    expect(community.wire).toEqual(['d2 open']);
    expect((await community.acts()).find(({ device }) => device === 'd1')).toMatchObject({
      state: 'blocked',
      reason: { code: 'maintenance' },
    });
  });
});

describe('two people', () => {
  const vent = { ...fireDoors, id: 'vent', do: [{ devices: ['d1'], command: 'vent' }] };

  it('are asked where the command wants them, for ten minutes', async () => {
    const community = new Community({ linkage: [vent] });
    const { say, acting } = await community.boot();
    await say('s1', 'smoke=1');
    expect(community.wire).toEqual([]);
    const [request] = acting.acts.waiting();
    expect(request).toMatchObject({ device: 'd1', command: 'vent', cause: { device: 's1' } });
    await community.clock.advance(500_000);
    const id = request?.id ?? '';
    for (const person of ['wang', 'li']) await acting.acts.agree(id, person);
    await settle();
    expect(community.wire).toEqual(['d1 vent']);
  });

  it('are not, where the installer says so for fire', async () => {
    const community = new Community({ linkage: [{ ...vent, without: 'confirm' }] });
    const { say } = await community.boot();
    await say('s1', 'smoke=1');
    expect(community.wire).toEqual(['d1 vent']);
  });
});

describe('SIGKILL', () => {
  it('at every half commit: at most once on the wire, and what became of it is said', async () => {
    const ends: string[] = [];
    for (let n = 0; n < 10; n++) {
      const community = new Community({ linkage: [{ ...fireDoors, do: [{ devices: ['d1'], command: 'open' }] }] });
      const { say } = await community.boot();
      let count = 0;
      community.onCommit = () => {
        if (count++ === n) community.kill();
      };
      await say('s1', 'smoke=1');
      community.onCommit = null;
      const second = await community.boot();
      await community.clock.advance(60_000);
      const afterRestart = await community.said();
      // The device says it again: where the alarm itself was lost with the process, it is raised now, and only then acted on.
      await second.say('s1', 'smoke=1');
      await community.clock.advance(60_000);
      const said = await community.said();
      expect(community.wire.length).toBeLessThanOrEqual(1);
      if (afterRestart.length > 0) expect(said).toEqual(afterRestart);
      if (community.wire.length === 1) expect(said).toContain('d1 open unknown');
      ends.push(`${community.wire.length} ${said.at(-1) ?? ''}`);
    }
    expect([...new Set(ends)].sort()).toEqual(['0 d1 open expired', '0 d1 open unknown', '1 d1 open unknown']);
  });

  it('during a delay: it expires', async () => {
    const community = new Community({ linkage: [{ ...fireDoors, after: '30s', do: [{ devices: ['d1'], command: 'open' }] }] });
    const { say } = await community.boot();
    await say('s1', 'smoke=1');
    await community.boot();
    await community.clock.advance(60_000);
    expect(community.wire).toEqual([]);
    expect(await community.said()).toEqual(['d1 open expired']);
    expect([...community.rows.state().keys()].filter((key) => key.startsWith('linkage/'))).toEqual([]);
  });
});

describe('a disk that takes nothing', () => {
  it('keeps the alarm and what it sets off together: neither is lost, neither goes without the other', async () => {
    const community = new Community({ linkage: [fireDoors] });
    const { say } = await community.boot();
    community.rows.refuses = 'disk-full';
    await say('s1', 'smoke=1');
    expect(community.wire).toEqual([]);
    community.rows.refuses = null;
    await say('s1', 'smoke=1');
    expect(community.wire).toEqual(['d1 open', 'd2 open']);
  });

  it('between the alarm and the order: the order is tried again', async () => {
    const community = new Community({ linkage: [fireDoors] });
    const { say } = await community.boot();
    community.onCommit = (when) => {
      if (when === 'after') community.rows.refuses = 'disk-full';
    };
    await say('s1', 'smoke=1');
    community.onCommit = null;
    expect([community.wire, community.troubles.length > 0]).toEqual([[], true]);
    community.rows.refuses = null;
    await community.clock.advance(2_000);
    expect(community.wire).toEqual(['d1 open', 'd2 open']);
  });
});
