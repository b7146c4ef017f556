import type { OnDuty } from '@yihu/device-profiles/vocabulary/duty.ts';

export interface Present extends Pick<OnDuty, 'person' | 'name' | 'state'> {
  readonly roles: readonly OnDuty['role'][];
}

const order: readonly OnDuty['state'][] = ['here', 'extra', 'absent'];

/** Each person once with every role they are there in; who is there in one of them is there. */
export function presentOf(onDuty: readonly OnDuty[]): Present[] {
  return [...Map.groupBy(onDuty, ({ person }) => person)].map(([person, rows]) => ({
    person,
    name: rows[0]?.name ?? '',
    state: order.find((state) => rows.some((row) => row.state === state)) ?? 'absent',
    roles: [...new Set(rows.map(({ role }) => role))],
  }));
}
