import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { mostSiteProblems, type SiteChange } from '@yihu/device-profiles/vocabulary/site-change.ts';
import { type PushFault, pushFaultSentences, type SitePush, SiteSaid } from '@yihu/device-profiles/vocabulary/site-push.ts';
import type { Clock, Timer } from '../clock.ts';
import type { Site } from '../config.ts';
import { limits } from '../limits.ts';
import type { Problem } from '../problems.ts';
import type { ChangeState, Submitted } from './changes.ts';
import { replaceFile } from './pending.ts';
import { checkPush } from './push-check.ts';
import type { ChangeRequest, Sentence } from './request.ts';
import { withRules } from './rule-edit.ts';
import { conflict, notWritable, sentences } from './sentences.ts';

/** What a push does to a running gateway. */
export interface PushHands {
  readonly clock: Clock;
  site(): Site;
  /** SPKI, PEM, as the claim brought it; undefined where it brought none. */
  siteKey(): Promise<string | undefined>;
  submit(request: ChangeRequest): Promise<Submitted>;
  changeState(): ChangeState | null;
  /** Resolves when it is in the log. */
  record(step: SiteChange): Promise<void>;
  /** Which connection to the cloud this is, counted; null while there is none. */
  connection(): number | null;
  say(said: SiteSaid): boolean;
  onTrouble(sentence: Sentence, error?: unknown): void;
}

const busyStates: readonly ChangeState['state'][] = ['applying', 'verifying', 'rolling-back'];

/** 下发: sites that the cloud pushes. Each version is dealt with once, also over a crash; the log tells the cloud what became of it. */
export class Pushes {
  readonly #hands: PushHands;
  /** In the data folder: the highest version dealt with. */
  readonly #file: string;
  /** Null until it was read; while it cannot be, no push is taken: with 0 an old one would be taken again. */
  #seen: number | null = null;
  #fault: SiteSaid['fault'];
  /** Came while another change was under way. */
  #waiting: SitePush | null = null;
  #lastSignature = '';
  #said = '';
  #hash: { readonly text: string; readonly sha256: string } | null = null;
  #work: Promise<void> = Promise.resolve();
  #timer: Timer | null = null;
  #isStopped = false;

  constructor(hands: PushHands) {
    this.#hands = hands;
    this.#file = join(hands.site().data, 'pushed.json');
  }

  /** After `Changes.reportEarlier`, which knows of a version that a crash broke off. */
  start(): this {
    const earlier = this.#hands.changeState()?.version ?? 0;
    this.#then(async () => {
      if (earlier > (await this.#known())) await this.#see(earlier);
    });
    this.#lookLater();
    return this;
  }

  /** What came on `command`. */
  hear(payload: Uint8Array): void {
    this.#then(() => this.#hear(payload));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#work;
  }

  #then(step: () => Promise<void>): void {
    this.#work = this.#work
      .then(() => (this.#isStopped ? undefined : step()))
      .catch((error: unknown) => this.#hands.onTrouble(sentences.pushFailed, error));
  }

  #lookLater(): void {
    this.#timer = this.#hands.clock.after(limits.pushLookMs, () => {
      this.#then(() => this.#look());
      if (!this.#isStopped) this.#lookLater();
    });
  }

  async #look(): Promise<void> {
    if (this.#isBusy()) return;
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting) await this.#take(waiting);
    if (!this.#isBusy()) await this.#tell();
  }

  async #hear(payload: Uint8Array): Promise<void> {
    const hands = this.#hands;
    const seen = Math.max(await this.#known(), this.#waiting?.version ?? 0);
    const context = { gateway: hands.site().gateway.id, siteKey: await hands.siteKey(), seen, now: hands.clock.now() };
    const checked = checkPush(payload, context);
    if ('fault' in checked) return this.#refuse(checked.fault, checked.version, payload);
    this.#lastSignature = checked.signature;
    this.#fault = undefined;
    if (this.#isBusy()) this.#waiting = checked.push;
    else await this.#take(checked.push);
  }

  /** What cannot be trusted makes no record: whoever sends it could fill the log. */
  async #refuse(code: PushFault, version: number, payload: Uint8Array): Promise<void> {
    // The cloud sends a push again that it has no answer to yet.
    if (code === 'replay' && Buffer.from(payload).toString('utf8').includes(JSON.stringify(this.#lastSignature))) return;
    this.#fault = { code, version };
    this.#hands.onTrouble(pushFaultSentences[code]);
    await this.#tell();
  }

  async #take(push: SitePush): Promise<void> {
    const { version, by, withinMs } = push;
    const { file, text: running } = this.#hands.site();
    const edited = (await readFile(file, 'utf8').catch(() => running)) !== running;
    const text = push.text ?? withRules(running, push.rules ?? []);
    if (!edited && text === running) return this.#settle(push, { state: 'kept', results: [] });
    if (edited || sha256(running) !== push.base) return this.#settle(push, { state: 'refused', reason: conflict(file, edited) });
    if (text === null) return this.#settle(push, { state: 'refused', reason: sentences.noSuchDevice });
    try {
      await writeProfiles(file, push.profiles);
    } catch (error) {
      return this.#settle(push, { state: 'refused', reason: notWritable(file, error) });
    }
    const done = await this.#hands.submit({ text, by: `cloud/${by}`, version, withinMs });
    if ('change' in done) return this.#see(version);
    if ('problems' in done) return this.#settle(push, { state: 'refused', ...listed(done.problems) });
    if (done.refused === sentences.busy || done.refused === sentences.stopping) this.#waiting = push;
    else await this.#settle(push, { state: 'refused', reason: done.refused });
  }

  /** A push that became no change: said in the log first, so that a crash in between has the cloud send it again. */
  async #settle({ version, by }: SitePush, outcome: Omit<SiteChange, 'id' | 'by' | 'version'>): Promise<void> {
    await this.#hands.record({ id: `push-${version}`, by: `cloud/${by}`, version, ...outcome });
    await this.#see(version);
  }

  async #known(): Promise<number> {
    this.#seen ??= await seenIn(this.#file);
    return this.#seen;
  }

  async #see(version: number): Promise<void> {
    this.#seen = Math.max(await this.#known(), version);
    await replaceFile(this.#file, JSON.stringify({ version: this.#seen }), 0o600);
  }

  async #tell(): Promise<void> {
    const connection = this.#hands.connection();
    const isKnown = this.#fault !== undefined || (connection !== null && (await this.#hands.siteKey()) !== undefined);
    // A cloud of before does not know the word and would end the session.
    if (connection === null || !isKnown) return;
    const { text } = this.#hands.site();
    if (this.#hash?.text !== text) this.#hash = { text, sha256: sha256(text) };
    const said = { sha256: this.#hash.sha256, version: await this.#known(), ...(this.#fault && { fault: this.#fault }) };
    const key = JSON.stringify([connection, said]);
    if (key !== this.#said && this.#hands.say(said)) this.#said = key;
  }

  #isBusy(): boolean {
    return busyStates.includes(this.#hands.changeState()?.state ?? 'kept');
  }
}

function listed(problems: readonly Problem[]): Pick<SiteChange, 'problems' | 'problemCount' | 'reason'> {
  const some = problems.slice(0, mostSiteProblems);
  return {
    reason: sentences.problems,
    problemCount: problems.length,
    problems: some.map(({ line, path, zh, en }) => ({
      line,
      path: path.slice(0, 300),
      zh: zh.slice(0, 600),
      en: en.slice(0, 600),
    })),
  };
}

/** A folder that is named by what it holds is never written over, so the site before still finds its own. */
async function writeProfiles(siteFile: string, profiles: SitePush['profiles']): Promise<void> {
  for (const { path, text } of profiles) {
    const file = join(dirname(siteFile), path);
    if ((await readFile(file, 'utf8').catch(() => null)) === text) continue;
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await replaceFile(file, text, 0o600);
  }
}

/** The highest version dealt with; 0 where there was none. @throws Error that names the file, where it is there and cannot be read. */
async function seenIn(file: string): Promise<number> {
  try {
    return SiteSaid.pick({ version: true }).parse(JSON.parse(await readFile(file, 'utf8'))).version;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw new Error(`${file} cannot be read`, { cause: error });
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
