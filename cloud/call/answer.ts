import type { CallAccount, CallAnswer } from '@yihu/device-profiles/vocabulary/call.ts';

/** By which way an answer came. */
const vias = ['link', 'sms', 'voice', 'desk', 'door'] as const;
export type Via = (typeof vias)[number];

/** Who answered: the person, their family for them, staff who spoke with them, staff at their door. */
export type AnsweredBy = 'self' | 'family' | 'staff' | 'door';

/** How an answer accounts for a person. Whoever is not this person has said nothing of them. */
export function accountOf(answer: CallAnswer, by: AnsweredBy): CallAccount {
  if (answer === 'wrong-person') return 'open';
  if (answer === 'away') return 'away';
  if (by === 'door') return 'found';
  return by === 'self' ? 'answered' : 'answered-for';
}

/** What an answer for everybody at home says of the others: who offers to help offers themselves alone. */
export function saidOfOthers(answer: CallAnswer): CallAnswer {
  return answer === 'volunteer' ? 'safe' : answer;
}

/** A family's word for everybody at home fills silence; it never speaks over what somebody said of themselves, or staff saw. */
export function fillsSilence(member: { readonly answer: CallAnswer | 'none'; readonly by: AnsweredBy | null }): boolean {
  return member.answer === 'none' || member.answer === 'wrong-person' || member.by === 'family';
}

export interface ReplyMeaning {
  readonly answer: CallAnswer;
  /** Said for everybody at home. */
  readonly household: boolean;
}

const digits: Readonly<Record<string, ReplyMeaning>> = {
  '1': { answer: 'safe', household: false },
  '2': { answer: 'help', household: false },
  '3': { answer: 'away', household: false },
  '4': { answer: 'safe', household: true },
  '5': { answer: 'volunteer', household: false },
  '9': { answer: 'wrong-person', household: false },
};

/** The gravest stands first: 不平安 holds 平安, so help is looked for before; only who says that they themselves can help is no call for it. */
const words: readonly (readonly [RegExp, ReplyMeaning])[] = [
  [/^(我?(平安|安全|没事)[，,、 ]*我?|我)(能|可以)帮忙[了的。.!！]*$/, { answer: 'volunteer', household: false }],
  [/救|帮助|帮忙|求助|受伤|不平安|不安全|help|sos/i, { answer: 'help', household: false }],
  [/不是本人|打错|发错|不认识/, { answer: 'wrong-person', household: false }],
  [/全家.*(平安|安全)/, { answer: 'safe', household: true }],
  [/不在家|在外地|出差|不在/, { answer: 'away', household: false }],
  [/^(我)?(平安|安全|没事|safe|ok)[了的。.!！]*$/i, { answer: 'safe', household: false }],
];

/** What somebody means by a reply or a key; null where nobody can tell, which is kept and shown and counts as silence. */
export function readReply(text: string): ReplyMeaning | null {
  const plain = text.normalize('NFKC').trim();
  const key = /^[\s"'“”【[(]*(\d)[\s"'“”】\])。.,，#*!！]*$/.exec(plain)?.[1];
  if (key !== undefined) return digits[key] ?? null;
  return words.find(([pattern]) => pattern.test(plain))?.[1] ?? null;
}
