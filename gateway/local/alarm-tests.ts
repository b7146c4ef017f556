import type { LocalAlarmTest, LocalAlarmTestStep } from '@yihu/device-profiles/vocabulary/local.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { type AlarmTestDesk, type AlarmTestStep, testAlarm } from '../commission/alarm-test.ts';
import type { ConfiguredDevice } from '../config.ts';
import { limits } from '../limits.ts';

const busy: Text = { zh: '另一次告警试验还没有结束。', en: 'Another alarm test is not over yet.' };

/** 告警试验 from the page: one at a time; the last one stays to be looked at. */
export class AlarmTests {
  readonly #desk: AlarmTestDesk;
  #last: LocalAlarmTest | null = null;
  #stop = new AbortController();
  #enough = new AbortController();
  #work: Promise<void> = Promise.resolve();

  constructor(desk: AlarmTestDesk) {
    this.#desk = desk;
  }

  /** The last one, if it was of this device. */
  of(device: string): LocalAlarmTest | null {
    return this.#last?.device === device ? this.#last : null;
  }

  start({ id, profile }: Pick<ConfiguredDevice, 'id' | 'profile'>): { refused: Text } | { test: LocalAlarmTest } {
    if (this.#last?.isOver === false) return { refused: busy };
    const test = { device: id, at: this.#desk.clock.now(), isOver: false, steps: [] };
    this.#last = test;
    this.#enough = new AbortController();
    this.#work = this.#run({ id, profile: profile.id });
    return { test };
  }

  /** The installer has seen enough: what is not there yet is not waited for. */
  finish(): void {
    this.#enough.abort(new Error('the installer has seen enough'));
  }

  /** The test alarm under way is cleared before this resolves. */
  async end(): Promise<void> {
    this.#stop.abort(new Error('the gateway ends'));
    await this.#work;
  }

  async #run(device: { readonly id: string; readonly profile: string }): Promise<void> {
    const test = {
      device,
      waitMs: limits.alarmTestMs,
      answerMs: limits.alarmAnswerMs,
      signal: AbortSignal.any([this.#stop.signal, this.#enough.signal]),
    };
    try {
      for await (const step of testAlarm(this.#desk, test)) this.#add(stepOf(step));
    } catch (error) {
      // Made, and not cleared: the disk took no more.
      const by = null;
      const text = { zh: `试验没有收尾：${String(error)}`, en: `The test was not finished: ${String(error)}` };
      this.#add({ step: 'failed', ms: null, text, by });
    } finally {
      if (this.#last !== null) this.#last = { ...this.#last, isOver: true };
    }
  }

  #add(step: LocalAlarmTestStep): void {
    if (this.#last !== null) this.#last = { ...this.#last, steps: [...this.#last.steps, step] };
  }
}

function stepOf(step: AlarmTestStep): LocalAlarmTestStep {
  const { ms } = step;
  if (step.step === 'failed' || step.step === 'unanswered')
    return { step: step.step, ms, text: { zh: step.zh, en: step.en }, by: null };
  return { step: step.step, ms, text: null, by: 'by' in step ? step.by : null };
}
