import { randomUUID } from 'node:crypto';
import type { SiteChange, SiteChangeState } from '@yihu/device-profiles/vocabulary/site-change.ts';
import type { Clock } from '../clock.ts';
import type { ConfiguredDevice, Site } from '../config.ts';
import { limits } from '../limits.ts';
import type { Problem } from '../problems.ts';
import { type Pending, forgetPending, readPending, writeAfter, writeBefore, writePending } from './pending.ts';
import { type ChangePlan, planOf } from './plan.ts';
import type { ChangeRequest, Sentence } from './request.ts';
import { needsRestart, notApplied, notVerified, notWritable, sentences } from './sentences.ts';
import { type Expectations, type Sight, expectationsOf, lookBefore, missing, portResults } from './verify.ts';

/** 变更 as the command line and the local page show it. */
export interface ChangeState {
  readonly schema: 'yihu.change/1';
  readonly id: string;
  readonly by: string;
  readonly version: number | null;
  readonly state: SiteChangeState;
  /** When it began, milliseconds since 1970 UTC. */
  readonly at: number;
  /** Null for one that an earlier run of the gateway began. */
  readonly plan: ChangePlan | null;
  /** What is not seen yet, while it is being verified. */
  readonly missing: readonly Sentence[];
  /** Milliseconds left to verify it; 0 when it is over. */
  readonly leftMs: number;
  /** Why it was rolled back; null otherwise. */
  readonly reason: Sentence | null;
}

export type Planned = { readonly plan: ChangePlan } | { readonly problems: readonly Problem[] };
/** `refused`: not now, whatever the file says. */
export type Submitted =
  | { readonly change: ChangeState }
  | { readonly problems: readonly Problem[] }
  | { readonly refused: Sentence };

/** What a change does to a running gateway. */
export interface ChangeHands {
  readonly clock: Clock;
  site(): Site;
  /** Every problem of a text that shall become the site file, or the site it is. */
  check(text: string): Promise<{ readonly site: Site } | { readonly problems: Problem[] }>;
  /** Ports that differ stop and start; `leaving` devices stay known for now. @throws StoreError: then the old site runs on. */
  take(to: Site, leaving: readonly ConfiguredDevice[]): Promise<void>;
  /** What ports that are gone had kept is forgotten. */
  forgetGone(): Promise<void>;
  sight(): Sight;
  /** From now on `Sight.isRead` counts anew. */
  readAnew(): void;
  /** The last record of the alarm lane. */
  lastAlarm(): Promise<number>;
  /** Resolves when it is in the log. */
  record(step: SiteChange): Promise<void>;
  onTrouble(zh: string, en: string, error: unknown): void;
}

interface Running {
  readonly pending: Pending;
  readonly plan: ChangePlan;
  readonly from: Site;
  readonly to: Site;
  readonly request: ChangeRequest;
  readonly deadlineMono: number;
  undo: Sentence | null;
  /** Null until the new site was taken up. */
  expected: Expectations | null;
}

/**
 * Config as a transaction: check → diff per port → apply → verify → keep or roll back. The site file says the new thing only
 * after it was verified, so whatever ends the process in between brings the old one back.
 */
export class Changes {
  readonly #hands: ChangeHands;
  #state: ChangeState | null = null;
  #running: Running | null = null;
  #isTaken = false;
  #stopping = new AbortController();
  #work: Promise<void> = Promise.resolve();

  constructor(hands: ChangeHands) {
    this.#hands = hands;
  }

  /** What a change would do; nothing happens. */
  async plan(request: Pick<ChangeRequest, 'text'>): Promise<Planned> {
    const checked = await this.#check(request.text);
    return 'problems' in checked ? checked : { plan: checked.plan };
  }

  /** Begins a change; `state` tells how it goes on. A file with problems is refused whole and nothing is touched. */
  async submit(request: ChangeRequest): Promise<Submitted> {
    if (this.#isTaken) return { refused: sentences.busy };
    if (this.#stopping.signal.aborted) return { refused: sentences.stopping };
    this.#isTaken = true;
    const begun = await this.#begin(request).catch((error: unknown) => ({
      refused: notWritable(this.#hands.site().file, error),
    }));
    if (!('change' in begun)) this.#isTaken = false;
    return begun;
  }

  /** The change under way, or the last one; null where there was none. */
  state(): ChangeState | null {
    if (!this.#state || this.#state.state !== 'verifying' || !this.#running) return this.#state;
    return { ...this.#state, leftMs: Math.max(0, this.#running.deadlineMono - this.#hands.clock.mono()) };
  }

  /** Asks for the old site back while the new one is still being verified. False where nothing is. */
  undo(): boolean {
    if (!this.#running || this.#state?.state !== 'verifying') return false;
    this.#running.undo = sentences.asked;
    return true;
  }

  /** At a start: says in the log what became of a change that an earlier run had begun. */
  async reportEarlier(): Promise<void> {
    const { file } = this.#hands.site();
    const pending = await readPending(file);
    if (pending === null) return;
    const isKept = pending.phase === 'kept';
    const reason = isKept ? {} : { reason: sentences.interrupted };
    const state = isKept ? 'kept' : 'rolled-back';
    await this.#hands.record({ ...stepOf(pending, state), ...reason });
    const base = { schema: 'yihu.change/1', id: pending.id, by: pending.by, version: pending.version ?? null } as const;
    const at = this.#hands.clock.now();
    this.#state = { ...base, state, at, plan: null, missing: [], leftMs: 0, reason: reason.reason ?? null };
    await forgetPending(file);
  }

  /** Waits for the step under way; a change that is not verified by then is undone at the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('stopping'));
    await this.#work;
  }

  async #check(text: string): Promise<{ plan: ChangePlan; to: Site } | { problems: readonly Problem[] }> {
    const checked = await this.#hands.check(text);
    if ('problems' in checked) return checked;
    const from = this.#hands.site();
    const plan = planOf(from, checked.site);
    if (plan.needRestart.length === 0) return { plan, to: checked.site };
    return { problems: plan.needRestart.map((section) => needsRestart(from.file, text, section)) };
  }

  async #begin(request: ChangeRequest): Promise<Submitted> {
    const checked = await this.#check(request.text);
    if ('problems' in checked) return checked;
    const { plan, to } = checked;
    const { clock } = this.#hands;
    const from = this.#hands.site();
    const { by, version } = request;
    const pending: Pending = {
      schema: 'yihu-change/1',
      id: randomUUID(),
      phase: 'trying',
      by,
      ...(version === undefined ? {} : { version }),
      data: from.data,
      before: from.text,
      after: to.text,
    };
    await writePending(from.file, pending);
    const withinMs = Math.min(request.withinMs ?? limits.changeMs, limits.changeMs);
    const running = { pending, plan, from, to, request, deadlineMono: clock.mono() + withinMs, undo: null, expected: null };
    const { id } = pending;
    const base = { schema: 'yihu.change/1', id, by, version: version ?? null, at: clock.now(), plan } as const;
    const change = { ...base, state: 'applying', missing: [], leftMs: withinMs, reason: null } as const;
    [this.#running, this.#state] = [running, change];
    this.#work = this.#carryOut(running, withinMs).finally(() => {
      this.#running = null;
      this.#isTaken = false;
    });
    return { change };
  }

  async #carryOut(running: Running, withinMs: number): Promise<void> {
    const { plan, to, from, request } = running;
    const before = lookBefore(from, this.#hands.sight());
    const ids = Object.fromEntries(
      (['added', 'removed', 'changed'] as const).map((change) => [
        change,
        plan.ports.filter((port) => port.change === change).map(({ id }) => id),
      ]),
    ) as NonNullable<SiteChange['ports']>;
    await this.#say(running, 'applying', { ports: ids });
    const there = new Set(to.devices.map(({ id }) => id));
    const leaving = from.devices.filter(({ id }) => !there.has(id));
    try {
      this.#hands.readAnew();
      await this.#hands.take(to, leaving);
    } catch (error) {
      return this.#rollBack(running, notApplied(error));
    }
    await this.#say(running, 'verifying');
    const mayBeSilent = request.mayBeSilent ?? [];
    const expected = expectationsOf({ plan, to, before, mayBeSilent, lastAlarm: await this.#hands.lastAlarm() });
    running.expected = expected;
    const failure = await this.#verify(running, expected, withinMs);
    // It ended while nobody knew yet: the next start begins with the old site.
    if (this.#stopping.signal.aborted) return undefined;
    return failure ? this.#rollBack(running, failure) : this.#keep(running);
  }

  /** Null when all is seen; why not, when it is not in time. */
  async #verify(running: Running, expected: Expectations, withinMs: number): Promise<Sentence | null> {
    const { clock } = this.#hands;
    for (;;) {
      const lacking = missing(expected, this.#hands.sight());
      this.#become({ missing: lacking });
      if (running.undo) return running.undo;
      if (lacking.length === 0) return null;
      if (clock.mono() >= running.deadlineMono) return notVerified(withinMs, lacking);
      if (!(await this.#pause(limits.changeLookMs))) return null;
    }
  }

  async #keep(running: Running): Promise<void> {
    const { file } = running.from;
    const results = portResults(running.plan, running.expected, this.#hands.sight()).slice(0, 256);
    try {
      await writePending(file, { ...running.pending, phase: 'kept' });
    } catch (error) {
      return this.#rollBack(running, notWritable(file, error));
    }
    await this.#surely(async () => {
      await writeAfter(file, running.pending);
      await this.#hands.take(running.to, []);
      await this.#hands.forgetGone();
      await this.#hands.record({ ...stepOf(running.pending, 'kept'), results });
      await forgetPending(file);
    });
    this.#become({ state: 'kept', missing: [], leftMs: 0 });
  }

  async #rollBack(running: Running, reason: Sentence): Promise<void> {
    const { file } = running.from;
    const results = portResults(running.plan, running.expected, this.#hands.sight()).slice(0, 256);
    await this.#say(running, 'rolling-back', { reason });
    this.#become({ reason });
    await this.#surely(async () => {
      await this.#hands.take(running.from, []);
      await this.#hands.forgetGone();
      await writeBefore(file, running.pending);
      await this.#hands.record({ ...stepOf(running.pending, 'rolled-back'), reason, results });
      await forgetPending(file);
    });
    this.#become({ state: 'rolled-back', leftMs: 0 });
  }

  /** What is decided is done, however long the disk takes nothing; a stop leaves the rest to the next start. */
  async #surely(work: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        this.#trouble(error);
        if (!(await this.#pause(limits.lookAgainMs))) return;
      }
    }
  }

  async #say(running: Running, state: SiteChangeState, more: Pick<SiteChange, 'ports' | 'reason'> = {}): Promise<void> {
    this.#become({ state });
    await this.#hands.record({ ...stepOf(running.pending, state), ...more }).catch((error: unknown) => this.#trouble(error));
  }

  #become(change: Partial<ChangeState>): void {
    if (this.#state) this.#state = { ...this.#state, ...change };
  }

  #trouble(error: unknown): void {
    this.#hands.onTrouble(
      '变更的一步没有写进磁盘，会再试；请检查磁盘空间。',
      'A step of a change could not be kept on disk and is tried again; check the disk space.',
      error,
    );
  }

  #pause(ms: number): Promise<boolean> {
    return this.#hands.clock.sleep(ms, this.#stopping.signal).then(
      () => true,
      () => false,
    );
  }
}

function stepOf({ id, by, version }: Pending, state: SiteChangeState): SiteChange {
  return { id, state, by, ...(version === undefined ? {} : { version }) };
}
