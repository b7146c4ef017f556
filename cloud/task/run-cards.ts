import type { DutyRole, RunCardLine } from '@yihu/device-profiles/vocabulary/duty.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { taskLimits } from './limits.ts';

/** What a plan asks for. */
export interface Wanted {
  readonly role: DutyRole;
  readonly wanted: number;
}

/** Somebody of a role on the place's areas, as far as a run card asks. */
export interface Force {
  readonly person: string;
  readonly role: DutyRole;
  readonly onDuty: boolean;
  /** On an errand of this incident now. */
  readonly sent: boolean;
  readonly busy: boolean;
  readonly declined: boolean;
  readonly locatedAt: number | null;
}

const reasons = {
  'nobody-on-duty': { zh: '没有人在岗', en: 'nobody is on duty' },
  'all-busy': { zh: '在岗的都有任务', en: 'all on duty are busy' },
  declined: { zh: '在岗的都表示不能去', en: 'all on duty have declined' },
  'no-fresh-location': { zh: '在岗的都没有新的位置', en: 'nobody on duty has a fresh location' },
  'not-sent': { zh: '还没有派出', en: 'not sent yet' },
} as const satisfies Record<NonNullable<RunCardLine['reason']>, Text>;

/** One person fills one place: those who can be in one role only go first, then whoever is left where somebody is missing. */
function placesOf(roles: readonly Wanted[], forces: readonly Force[]): ReadonlyMap<DutyRole, number> {
  const filled = new Map<DutyRole, number>();
  const able = Map.groupBy(
    forces.filter(({ sent, role }) => sent && roles.some((one) => one.role === role)),
    ({ person }) => person,
  );
  for (const mine of [...able.values()].toSorted((a, b) => a.length - b.length)) {
    const can = roles.filter(({ role }) => mine.some((one) => one.role === role));
    const place = can.find(({ role, wanted }) => (filled.get(role) ?? 0) < wanted) ?? can[0];
    if (place !== undefined) filled.set(place.role, (filled.get(place.role) ?? 0) + 1);
  }
  return filled;
}

/** What the card asks for beside what is there; every lack with its reason. */
export function compareCard(roles: readonly Wanted[], forces: readonly Force[], at: number): RunCardLine[] {
  const places = placesOf(roles, forces);
  return roles.map(({ role, wanted }) => {
    const mine = forces.filter((one) => one.role === role);
    const sent = places.get(role) ?? 0;
    const missing = Math.max(0, wanted - sent);
    const reason =
      missing === 0
        ? null
        : reasonOf(
            mine.filter((one) => !one.sent),
            at,
          );
    return { role, wanted, sent, missing, reason, text: reason === null ? null : reasons[reason] };
  });
}

function reasonOf(left: readonly Force[], at: number): NonNullable<RunCardLine['reason']> {
  const ready = left.filter((one) => one.onDuty);
  if (ready.length === 0) return 'nobody-on-duty';
  const willing = ready.filter((one) => !one.declined);
  if (willing.length === 0) return 'declined';
  const free = willing.filter((one) => !one.busy);
  if (free.length === 0) return 'all-busy';
  const fresh = free.some(({ locatedAt }) => locatedAt !== null && at - locatedAt <= taskLimits.freshMs);
  return fresh ? 'not-sent' : 'no-fresh-location';
}
