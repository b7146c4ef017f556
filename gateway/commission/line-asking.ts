import type { Clock } from '../clock.ts';
import type { LineTime, SerialShape } from '../collect/line/dialect.ts';
import { remoteLine, serialLine } from '../collect/line/line-time.ts';
import { findRtuFrames } from '../collect/modbus/find.ts';
import type { Question, Slave } from './line-questions.ts';
import { patienceOf, type Round, settleMs } from './scan-rounds.ts';
import type { ScanWire } from './scan-wire.ts';

/** What came of a question, or while it was out. */
export type Heard =
  | { readonly kind: 'asking'; readonly question: Question }
  | { readonly kind: 'found'; readonly question: Question; readonly slave: Slave; readonly tookMs: number }
  /** Bytes that are nobody's answer. */
  | { readonly kind: 'noise'; readonly question: Question; readonly heard: Uint8Array }
  /** Somebody else asks on this line. */
  | { readonly kind: 'occupied'; readonly bytes: Uint8Array };

/** USB adapters and serial servers hand on what they have heard in pieces that come so far apart. */
const pieceMs = 30;
/** A line that never falls silent is talked over after this long. */
const babbleMs = 500;
/** An echo is ours for so long. */
const echoMs = 300;
/** A slave that is later than this is asked with patience in the second round, and does not make the first one slow. */
const mostLearntMs = 120;
const marginMs = 10;
/** Whoever answered late and not when it was asked again is somebody who says a wrong address. */
const mostAgain = 2;
/** Pollers ask at least once in a second. */
const pollerMs = 1_200;

/**
 * Asks the questions of a round one after the other. Frames of Modbus carry the address of who speaks, so that the next
 * address can be asked while the slow answer of the one before may still come: it is believed after the same address,
 * asked alone once more, has answered again. Whoever else asks on the line is heard between the answers.
 */
export class LineAsking {
  readonly #wire: ScanWire;
  readonly #clock: Clock;
  /** Asked with the present parameters and not answered: since when. */
  readonly #open = new Map<Question, number>();
  readonly #late: { readonly question: Question; readonly heard: Uint8Array }[] = [];
  readonly #askedAgain = new Map<Question, number>();
  readonly #answered = new Set<Question>();
  readonly #remote: SerialShape;
  #line: LineTime;
  /** What the slaves of this line need, as late answers have shown. */
  #learntMs = 0;
  /** Bytes that fit nothing made it listen once; a line that is noisy all the same is scanned. */
  #hasDoubted = false;

  /** `remote`: what a line behind a serial server has or is taken to have. */
  constructor(wire: ScanWire, clock: Clock, remote: SerialShape) {
    this.#wire = wire;
    this.#clock = clock;
    this.#remote = remote;
    this.#line = serialLine(remote);
  }

  async *round({ shape, questions, isQuick }: Round): AsyncGenerator<Heard> {
    await this.#tune(shape);
    for (const question of questions) {
      if (this.#isOver()) return;
      if (this.#answered.has(question)) continue;
      const patienceMs = patienceOf(question, isQuick);
      yield* this.#ask(question, Math.min(question.timeoutMs, Math.max(patienceMs, this.#learntMs)));
      yield* this.#again();
    }
    if (this.#open.size > 0) yield* this.#settle(settleMs(questions));
  }

  #isOver(): boolean {
    return this.#wire.isStopped || this.#wire.problem !== undefined;
  }

  async #tune(shape: SerialShape | null): Promise<void> {
    if (shape !== null) await this.#wire.tune(shape);
    this.#line = shape === null ? { ...serialLine(this.#remote), gapMs: remoteLine().gapMs } : serialLine(shape);
    this.#open.clear();
    this.#late.length = 0;
  }

  /** Late answers are those of these parameters as long as these are set. */
  async *#settle(ms: number): AsyncGenerator<Heard> {
    for (const end = this.#clock.mono() + ms; this.#clock.mono() < end && !this.#isOver();) {
      await this.#wire.listen(end - this.#clock.mono(), () => this.#hasLate());
      yield* this.#again();
    }
    this.#wire.drain();
  }

  /** Those that have answered late, each alone. */
  async *#again(): AsyncGenerator<Heard> {
    for (let late = this.#late.shift(); late !== undefined && !this.#isOver(); late = this.#late.shift()) {
      const { question, heard } = late;
      const times = (this.#askedAgain.get(question) ?? 0) + 1;
      this.#askedAgain.set(question, times);
      // Others that were asked meanwhile need as long as this one.
      const free = Math.max(0, ...this.#open.values()) + this.#learntMs;
      await this.#wire.listen(free - this.#clock.mono(), () => false);
      this.#sort();
      yield* this.#ask(question, question.timeoutMs);
      if (this.#answered.has(question)) continue;
      yield { kind: 'noise', question, heard };
      if (times >= mostAgain) this.#open.delete(question);
    }
  }

  #hasLate(): boolean {
    this.#sort();
    return this.#late.length > 0;
  }

  /** Takes the answers to earlier questions and to `now` out of what was heard, in their order. Undefined where that to `now` is not there. */
  #sort(now?: Question): Slave | undefined {
    for (;;) {
      const candidates = now === undefined ? [...this.#open.keys()] : [now, ...this.#open.keys()];
      let first: { question: Question; answer: Slave; end: number } | undefined;
      for (const question of candidates) {
        const found = question.ask.match(this.#wire.heard);
        if (found !== undefined && found.end < (first?.end ?? Infinity)) first = { question, ...found };
      }
      if (first === undefined) return undefined;
      const heard = this.#wire.cut(0, first.end);
      if (first.question === now) return first.answer;
      this.#came(first.question, heard);
    }
  }

  #came(question: Question, heard: Uint8Array): void {
    const asked = this.#open.get(question) ?? 0;
    this.#open.delete(question);
    this.#late.push({ question, heard });
    const onLineMs = this.#line.bytesMs(question.ask.send.length + question.ask.longestAnswer);
    this.#learntMs = Math.min(mostLearntMs, Math.max(this.#learntMs, this.#wire.heardAt - asked - onLineMs + marginMs));
  }

  async *#ask(question: Question, patienceMs: number): AsyncGenerator<Heard> {
    const { ask, wire } = question;
    await this.#silence();
    yield* this.#leftover(question);
    if (this.#isOver()) return;
    yield { kind: 'asking', question };
    const asked = this.#clock.mono();
    this.#wire.send(ask.send);
    const slave = await this.#answer(question, asked + this.#line.bytesMs(ask.send.length), patienceMs);
    if (slave !== undefined) {
      this.#answered.add(question);
      this.#open.delete(question);
      return yield { kind: 'found', question, slave, tookMs: Math.round(this.#clock.mono() - asked) };
    }
    if (wire === 'modbus') this.#open.set(question, asked);
    else yield* this.#leftover(question);
  }

  async #answer(question: Question, spoken: number, patienceMs: number): Promise<Slave | undefined> {
    const { send, longestAnswer } = question.ask;
    const answering = this.#line.bytesMs(longestAnswer) + pieceMs;
    const last = spoken + patienceMs + answering + babbleMs;
    let until = spoken + Math.max(patienceMs, this.#line.gapMs);
    while (await this.#wire.more(until)) {
      this.#cutEcho(send);
      const slave = this.#sort(question);
      if (slave !== undefined) return slave;
      // What has begun to speak may end.
      if (this.#wire.heard.length > 0) until = Math.min(last, Math.max(until, this.#clock.mono() + answering));
    }
    return undefined;
  }

  /** Of an adapter that hears itself. */
  #cutEcho(sent: Uint8Array): void {
    const at = this.#wire.heard.indexOf(sent);
    if (at >= 0) this.#wire.cut(at, sent.length);
  }

  /** MODBUS over serial line 1.02, §2.5.1.1: 3.5 characters of silence before a frame. */
  async #silence(): Promise<void> {
    for (const begun = this.#clock.mono(); this.#clock.mono() - begun < babbleMs;) {
      const until = this.#wire.heardAt + this.#line.gapMs;
      if (until <= this.#clock.mono()) return;
      await this.#wire.more(until);
    }
  }

  /** What is there when the answers were taken out. */
  async *#leftover(question: Question): AsyncGenerator<Heard> {
    const left = this.#wire.drain();
    if (left.length === 0) return;
    if (question.wire !== 'modbus') return yield { kind: 'noise', question, heard: left };
    const frames = findRtuFrames(left).map(({ at, end }) => left.subarray(at, end));
    if (frames.some((frame) => this.#isForeign(frame))) return yield { kind: 'occupied', bytes: left };
    if (frames.length > 0 && frames.every((frame) => this.#isOurs(frame))) return;
    yield { kind: 'noise', question, heard: left };
    if (!this.#hasDoubted) yield* this.#doubt(question.timeoutMs);
  }

  /** Whoever speaks while nobody was asked is another master. Slaves may still answer for a while, and are listened to. */
  async *#doubt(slaveMs: number): AsyncGenerator<Heard> {
    this.#hasDoubted = true;
    await this.#wire.listen(slaveMs, () => false);
    this.#sort();
    this.#wire.drain();
    await this.#wire.listen(pollerMs - slaveMs, () => true);
    const bytes = this.#wire.drain();
    if (bytes.length > 0) yield { kind: 'occupied', bytes };
  }

  /** A whole frame that is neither ours nor has the form of an answer to us. */
  #isForeign(frame: Uint8Array): boolean {
    const isRefusal = frame.length === 5 && frame[1] === 0x83;
    const isAnswer = frame.length === 7 && frame[1] === 3 && frame[2] === 2;
    return !isRefusal && !isAnswer && !this.#isOurs(frame);
  }

  /** An answer that is said twice, or an echo that comes late. */
  #isOurs(frame: Uint8Array): boolean {
    const now = this.#clock.mono();
    const isEcho = [...this.#open].some(([{ ask }, asked]) => now - asked < echoMs && Buffer.from(ask.send).equals(frame));
    return isEcho || [...this.#answered].some(({ ask }) => ask.match(frame) !== undefined);
  }
}
