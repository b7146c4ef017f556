/** The part of Web Audio that is used, spelled out: small enough for a fake in a test. */
interface Param {
  setValueAtTime(value: number, at: number): unknown;
  linearRampToValueAtTime(value: number, at: number): unknown;
}
interface Gain<Node> {
  readonly gain: Param;
  connect(to: Node): unknown;
}
interface Oscillator<Node> {
  type: string;
  readonly frequency: Param;
  connect(to: Node): unknown;
  start(at: number): void;
  stop(at: number): void;
}
export interface AudioLike<Node> {
  readonly state: string;
  readonly currentTime: number;
  readonly destination: Node;
  createGain(): Gain<Node> & Node;
  createOscillator(): Oscillator<Node>;
}

interface Tone {
  hz: number;
  /** Seconds from now. */
  at: number;
  seconds: number;
  volume: number;
}

/** One second of the siren: high, low. */
export const siren: readonly Tone[] = [
  { hz: 960, at: 0, seconds: 0.48, volume: 0.32 },
  { hz: 720, at: 0.5, seconds: 0.48, volume: 0.32 },
];

export const repeat: readonly Tone[] = [
  { hz: 784, at: 0, seconds: 0.18, volume: 0.24 },
  { hz: 784, at: 0.26, seconds: 0.18, volume: 0.24 },
  { hz: 988, at: 0.52, seconds: 0.3, volume: 0.24 },
];

export const chime: readonly Tone[] = [
  { hz: 659, at: 0, seconds: 0.22, volume: 0.16 },
  { hz: 523, at: 0.2, seconds: 0.4, volume: 0.16 },
];

/** Plays the tones with soft edges; false where the browser holds the sound back until somebody touches the page. */
export function play<Node>(audio: AudioLike<Node>, tones: readonly Tone[]): boolean {
  if (audio.state !== 'running') return false;
  for (const tone of tones) playTone(audio, tone);
  return true;
}

function playTone<Node>(audio: AudioLike<Node>, tone: Tone): void {
  const start = audio.currentTime + tone.at;
  const end = start + tone.seconds;
  const gain = audio.createGain();
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(tone.volume, start + 0.02);
  gain.gain.setValueAtTime(tone.volume, end - 0.05);
  gain.gain.linearRampToValueAtTime(0, end);
  gain.connect(audio.destination);
  const oscillator = audio.createOscillator();
  oscillator.type = 'triangle';
  oscillator.frequency.setValueAtTime(tone.hz, start);
  oscillator.connect(gain);
  oscillator.start(start);
  oscillator.stop(end);
}
