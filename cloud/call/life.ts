import type { CallKind, CallMove, CallPress, CallState } from '@yihu/device-profiles/vocabulary/call.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';

/** The life as one table: move → from[] → to. Buttons, API checks, tests and docs read it. */
export const callLife: Record<CallMove, { from: readonly CallState[]; to: CallState; needsReason: boolean }> = {
  submit: { from: ['draft'], to: 'waiting', needsReason: false },
  approve: { from: ['waiting'], to: 'scheduled', needsReason: false },
  return: { from: ['waiting'], to: 'draft', needsReason: true },
  cancel: { from: ['draft', 'waiting', 'scheduled'], to: 'cancelled', needsReason: false },
  begin: { from: ['scheduled'], to: 'sending', needsReason: false },
  finish: { from: ['sending'], to: 'sent', needsReason: false },
  recall: { from: ['sending', 'sent'], to: 'recalled', needsReason: true },
  supersede: { from: ['scheduled', 'sending', 'sent'], to: 'superseded', needsReason: false },
  'stand-down': { from: ['sending', 'sent'], to: 'stood-down', needsReason: false },
};

export const presses: readonly CallPress[] = ['submit', 'approve', 'return', 'cancel', 'recall', 'stand-down'];

export const stateNames: Record<CallState, Text> = {
  draft: { zh: '草稿', en: 'a draft' },
  waiting: { zh: '待批准', en: 'waiting for approval' },
  scheduled: { zh: '待发', en: 'scheduled' },
  sending: { zh: '正在发送', en: 'being sent' },
  sent: { zh: '已发出', en: 'sent' },
  'stood-down': { zh: '已解除', en: 'stood down' },
  recalled: { zh: '已撤回', en: 'recalled' },
  superseded: { zh: '已被替代', en: 'superseded' },
  cancelled: { zh: '已取消', en: 'cancelled' },
};

const moveNames: Record<CallMove, Text> = {
  submit: { zh: '提交', en: 'submitted' },
  approve: { zh: '批准', en: 'approved' },
  return: { zh: '退回修改', en: 'returned' },
  cancel: { zh: '取消', en: 'cancelled' },
  begin: { zh: '开始发送', en: 'begun' },
  finish: { zh: '全部交给渠道', en: 'handed to the channels' },
  recall: { zh: '撤回', en: 'recalled' },
  supersede: { zh: '被新的呼叫替代', en: 'superseded by another' },
  'stand-down': { zh: '解除', en: 'stood down' },
};

/** What people are being asked still; the answer page takes answers, and the silent are looked for. */
export function isLive(state: CallState): boolean {
  return state === 'sending' || state === 'sent';
}

/** What a move is decided on. */
export interface CallFacts {
  readonly state: CallState;
  readonly kind: CallKind;
  readonly version: number;
  readonly author: string;
  /** Who handed it in: the second person is neither the author nor this one. */
  readonly submitter: string | null;
  /** Grids the frozen audience lies in. */
  readonly grids: number;
  readonly people: number;
  /** People nobody has accounted for yet. */
  readonly silent: number;
}

export interface CallRequest {
  readonly move: CallMove;
  /** Who presses; null where the system moves. */
  readonly by: { readonly id: string; readonly name: string } | null;
  /** The version the person saw; null where the system moves. */
  readonly version: number | null;
  readonly reason?: string | undefined;
}

export interface CallRefusal {
  readonly code: 'version-conflict' | 'not-allowed' | 'reason-needed' | 'second-person' | 'no-audience' | 'still-silent';
  readonly message: Text;
}

export type CallDecision = { readonly to: CallState; readonly line: Text } | { readonly refused: CallRefusal };

function refusal(code: CallRefusal['code'], zh: string, en: string): CallRefusal {
  return { code, message: { zh, en } };
}

/** More than one grid asks for a second person. */
export function needsSecond(grids: number): boolean {
  return grids > 1;
}

/** Why the move cannot be made now by this person, or null. What only asks for a reason is no hindrance to the button. */
export function whyNot(call: CallFacts, move: CallMove, by: string | null): CallRefusal | null {
  if (!callLife[move].from.includes(call.state)) {
    const state = stateNames[call.state];
    return refusal(
      'not-allowed',
      `这次呼叫${state.zh}，不能做这一步`,
      `The call is ${state.en ?? ''}; this step is not open from there`,
    );
  }
  if (move === 'approve' && (by === call.author || by === call.submitter)) {
    return refusal(
      'second-person',
      '范围超过一个网格，要由发起人以外的人批准',
      'It goes beyond one grid: somebody other than its author must approve it',
    );
  }
  return null;
}

/** 呼叫的一步: by the table, with the version the person saw; two people at once are one effect. */
export function decideMove(call: CallFacts, { move, by, version, reason }: CallRequest): CallDecision {
  if (version !== null && version !== call.version) {
    return {
      refused: refusal(
        'version-conflict',
        '别人刚刚改过，请看最新内容再操作',
        'Somebody changed this a moment ago; look at what it is now and try again',
      ),
    };
  }
  const hindrance = whyNot(call, move, by?.id ?? null);
  if (hindrance) return { refused: hindrance };
  if (callLife[move].needsReason && !reason?.trim()) {
    return { refused: refusal('reason-needed', '请写明原因', 'Please give a reason') };
  }
  if (move === 'submit' && call.people === 0) {
    return {
      refused: refusal('no-audience', '范围内没有人，请检查呼叫范围', 'Nobody is in this audience; look at whom it is for'),
    };
  }
  if (move === 'stand-down' && call.silent > 0 && !reason?.trim()) {
    return {
      refused: refusal(
        'still-silent',
        `还有 ${call.silent} 人没有落实；要解除，请写明为什么不再找他们`,
        `${call.silent} people are not accounted for; to stand down, say why they are no longer looked for`,
      ),
    };
  }
  const to = move === 'submit' && !needsSecond(call.grids) ? 'scheduled' : callLife[move].to;
  return { to, line: lineOf(move, to, reason) };
}

function lineOf(move: CallMove, to: CallState, reason: string | undefined): Text {
  const why = reason?.trim() ? { zh: `：${reason.trim()}`, en: `: ${reason.trim()}` } : { zh: '', en: '' };
  const own = move === 'submit' && to === 'scheduled' ? { zh: '（一个网格内，无须第二人批准）', en: ' (within one grid)' } : why;
  return { zh: `${moveNames[move].zh}${own.zh}`, en: `The call was ${moveNames[move].en ?? ''}${own.en}` };
}
