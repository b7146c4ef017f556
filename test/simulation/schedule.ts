import type { Seeded } from './seeded.ts';

/** What goes wrong, and when (simulated milliseconds). Each seed switches families of faults on and off. */
export type Fault =
  | {
      at: number;
      do: 'kill-gateway' | 'kill-gateway-in-commit' | 'stop-gateway' | 'kill-cloud' | 'kill-cloud-in-commit';
      downMs: number;
    }
  | { at: number; do: 'cut' | 'black-hole' | 'disk-refuses'; forMs: number }
  | { at: number; do: 'wall-step'; ms: number }
  | { at: number; do: 'restore-cloud'; back: number };

export interface Schedule {
  readonly seed: number;
  readonly faults: readonly Fault[];
  readonly runMs: number;
  readonly devices: number;
  readonly everyMs: number;
  /** Small enough to evict while the cloud is away. */
  readonly logBytes: number;
  readonly diskMs: number;
  readonly netMs: number;
  /** Chance that a batch arrives twice, or overtakes another. */
  readonly doubled: number;
  readonly reordered: number;
}

const families = [
  'kill-gateway-in-commit',
  'kill-cloud-in-commit',
  'kill-gateway',
  'stop-gateway',
  'kill-cloud',
  'cut',
  'black-hole',
  'disk-refuses',
  'wall-step',
  'restore-cloud',
] as const;

export function scheduleOf(seed: number, random: Seeded): Schedule {
  const runMs = random.whole(15, 40) * 1_000;
  const active = families.filter(() => random.chance(0.4));
  const faults = active.flatMap((family) =>
    Array.from({ length: random.whole(1, 3) }, () => faultOf(family, random.whole(500, runMs - 500), random)),
  );
  return {
    seed,
    faults: faults.sort((a, b) => a.at - b.at),
    runMs,
    devices: random.whole(1, 4),
    everyMs: random.whole(100, 900),
    logBytes: random.chance(0.25) ? 32 * 1024 : 8 * 1032 * 1024,
    diskMs: random.whole(1, 20),
    netMs: random.whole(1, 150),
    doubled: random.chance(0.3) ? 0.2 : 0,
    reordered: random.chance(0.3) ? 0.2 : 0,
  };
}

function faultOf(family: (typeof families)[number], at: number, random: Seeded): Fault {
  switch (family) {
    case 'kill-gateway':
    case 'kill-gateway-in-commit':
    case 'kill-cloud-in-commit':
    case 'stop-gateway':
    case 'kill-cloud':
      return { at, do: family, downMs: random.whole(10, 4_000) };
    case 'cut':
    case 'black-hole':
    case 'disk-refuses':
      return { at, do: family, forMs: random.whole(50, 12_000) };
    case 'wall-step':
      return { at, do: family, ms: random.pick([-7_200_000, -3_600_000, -500, 500, 3_600_000, 86_400_000]) };
    case 'restore-cloud':
      return { at, do: family, back: random.whole(1, 40) };
  }
}
