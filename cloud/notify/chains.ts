import { type Hazard, hazards, isLifeSafety } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';

/** Whom a step wakes by message; `onDuty`: those on duty, and everybody of the role where nobody is. */
export interface Told {
  readonly role: 'dispatcher' | 'grid-worker' | 'property' | 'admin';
  readonly onDuty: boolean;
}

/** One step of a chain; copied into the row that waits for its time, so that a chain under way stays as it began. */
export interface ChainStep {
  readonly step: number;
  /** Since people were told first. */
  readonly afterMs: number;
  readonly who: Text;
  readonly tell: readonly Told[];
  /** 最后一级 only: how often it is done again until somebody acts. */
  readonly repeatMs?: number;
}

export interface Chain {
  readonly id: string;
  readonly hazards: readonly Hazard[];
  readonly steps: readonly ChainStep[];
}

const second = 1000;
const minute = 60 * second;

const everyDispatcher = { who: { zh: '值班长', en: 'the shift leader' }, tell: [{ role: 'dispatcher', onDuty: false }] } as const;
const neighbours = {
  who: { zh: '网格长和物业经理', en: 'the grid leader and the property manager' },
  tell: [
    { role: 'grid-worker', onDuty: false },
    { role: 'property', onDuty: false },
  ],
} as const;
const head = { who: { zh: '社区负责人', en: 'the head of the community' }, tell: [{ role: 'admin', onDuty: false }] } as const;

/** 升级链 of incidents that nobody answers. Every kind of hazard is in exactly one. */
export const chains: readonly Chain[] = [
  {
    id: 'life-safety',
    hazards: hazards.filter(isLifeSafety),
    steps: [
      { step: 1, afterMs: 30 * second, ...everyDispatcher },
      { step: 2, afterMs: 60 * second, ...neighbours },
      { step: 3, afterMs: 120 * second, repeatMs: 2 * minute, ...head },
    ],
  },
  {
    id: 'other',
    hazards: hazards.filter((hazard) => !isLifeSafety(hazard)),
    steps: [
      { step: 1, afterMs: 5 * minute, ...everyDispatcher },
      { step: 2, afterMs: 15 * minute, repeatMs: 30 * minute, ...neighbours },
    ],
  },
];

/** The chain of a hazard. */
export function chainOf(hazard: Hazard): Chain {
  const found = chains.filter((chain) => chain.hazards.includes(hazard));
  const [only] = found;
  if (!only || found.length > 1) throw new Error(`${hazard} is in ${found.length} chains`);
  return only;
}

for (const hazard of hazards) chainOf(hazard);
for (const { id, steps } of chains) {
  if (steps.some(({ repeatMs }, nth) => (repeatMs !== undefined) !== (nth === steps.length - 1))) {
    throw new Error(`chain ${id}: its last step, and no other, says how often it is done again`);
  }
}
