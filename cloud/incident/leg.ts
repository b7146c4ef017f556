import type { Leg } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { LineDraft } from './core.ts';

type LegState = Leg['state'];

/** 出动的生命: where each state may come from. Buttons on the phone and checks on the server read it. */
export const legLife: Record<LegState, readonly LegState[]> = {
  offered: [],
  accepted: ['offered'],
  'en-route': ['offered', 'accepted'],
  'on-scene': ['offered', 'accepted', 'en-route'],
  done: ['on-scene'],
  declined: ['offered', 'accepted'],
  expired: ['offered'],
  cancelled: ['offered', 'accepted', 'en-route', 'on-scene'],
};

/** True while the person is on this errand. */
export function isBusy(state: LegState): boolean {
  return state === 'offered' || state === 'accepted' || state === 'en-route' || state === 'on-scene';
}

const saidTo: Record<LegState, { zh: string; en: string }> = {
  offered: { zh: '已派出', en: 'was sent' },
  accepted: { zh: '已接受', en: 'accepted' },
  'en-route': { zh: '已出发', en: 'is on the way' },
  'on-scene': { zh: '已到场', en: 'is on scene' },
  done: { zh: '已完成', en: 'is done' },
  declined: { zh: '不能去', en: 'declined' },
  expired: { zh: '超时未接受', en: 'did not answer in time' },
  cancelled: { zh: '已取消', en: 'was called off' },
};

/** One step of one person; null where the table does not allow it. */
export function moveLeg(
  leg: Leg,
  to: LegState,
  at: number,
  by: { id: string; name: string },
  said: { reason?: string | undefined; phoneAt?: number | undefined } = {},
): { leg: Leg; line: LineDraft } | null {
  if (!legLife[to].includes(leg.state)) return null;
  const data: LineDraft['data'] = { leg: leg.id, person: leg.person, from: leg.state, to };
  if (said.reason) data['reason'] = said.reason;
  if (said.phoneAt !== undefined) data['phoneAt'] = said.phoneAt;
  return { leg: { ...leg, state: to, at }, line: { kind: 'dispatch', text: legText(leg.personName, to), data, actor: by } };
}

export function legText(person: string, to: LegState): { zh: string; en: string } {
  return { zh: `${person} ${saidTo[to].zh}`, en: `${person} ${saidTo[to].en}` };
}
