import { create } from 'zustand';
import type { IncidentSummary } from '@yihu/device-profiles/vocabulary/incident.ts';
import { every, localNow } from '../../client/clock.ts';
import { keepSetting, readSetting } from '../../client/settings.ts';
import { muted, nextScore, type Score, silence } from './score.ts';
import { chime, play, repeat, siren } from './synth.ts';

/** The sound of the desk: what plays now, whether it can be heard, and when it was last proved to be. */
export type SoundState = 'untested' | 'suspended' | 'muted' | 'on';

interface Sound {
  score: Score;
  /** False while the browser holds the sound back. */
  running: boolean;
  testedAt: number | null;
}

const shiftMs = 12 * 3_600_000;
const repeatEverySeconds = 10;

function lastTest(): number | null {
  const kept = Number(readSetting('soundTestedAt'));
  return kept > 0 && localNow() - kept < shiftMs ? kept : null;
}

export const useSound = create<Sound>(() => ({ score: silence, running: true, testedAt: lastTest() }));

let audio: AudioContext | null = null;

function context(): AudioContext {
  if (audio === null) {
    audio = new AudioContext();
    audio.addEventListener('statechange', readState);
  }
  return audio;
}

function readState(): void {
  useSound.setState({ running: context().state === 'running' });
}

export function soundState(sound: Sound): SoundState {
  if (!sound.running) return 'suspended';
  if (sound.testedAt === null) return 'untested';
  return sound.score.mutedUntil === null ? 'on' : 'muted';
}

/** Must run inside of a click or key press: only then does a browser let a suspended sound go. */
async function wakeSound(): Promise<void> {
  await context().resume();
  readState();
}

/** The tone of the shift's start; the person says whether it was heard. */
export async function playTest(): Promise<boolean> {
  await wakeSound();
  return play<AudioNode>(context(), [...siren, ...repeat.map((tone) => ({ ...tone, at: tone.at + 1.2 }))]);
}

export function confirmTest(): void {
  const testedAt = localNow();
  keepSetting('soundTestedAt', String(testedAt));
  useSound.setState({ testedAt });
}

/** The queue has changed: what must sound may have too. */
export function soundQueue(queue: readonly IncidentSummary[]): void {
  const score = nextScore(useSound.getState().score, queue, localNow());
  if (score.chime) play<AudioNode>(context(), chime);
  useSound.setState({ score });
}

export function mute(): void {
  useSound.setState(({ score }) => ({ score: muted(score, localNow()) }));
}

/** One chime for something that waits for an answer and is no incident. */
export function chimeOnce(): void {
  play<AudioNode>(context(), chime);
}

/** Keeps the loop of the score sounding until called off. `queue` is asked again each second, for a mute that ends. */
export function runSound(queue: () => readonly IncidentSummary[]): () => void {
  readState();
  let second = 0;
  return every(1_000, () => {
    const { score } = useSound.getState();
    if (score.mutedUntil !== null && score.mutedUntil <= localNow()) soundQueue(queue());
    const { loop } = useSound.getState().score;
    if (loop === 'siren') play<AudioNode>(context(), siren);
    if (loop === 'repeat' && second % repeatEverySeconds === 0) play<AudioNode>(context(), repeat);
    second = loop === null ? 0 : second + 1;
  });
}
