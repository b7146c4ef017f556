import type { OpenChannel } from './notify/channels.ts';
import type { CallWays } from './records/call-waves.ts';
import type { AnswerTokens } from './call/token.ts';
import type { Channels } from './notify/channels.ts';

/** Channels by which a person of the registry can be reached: what is known of them is a telephone number. */
export function phoneChannels({ all }: Channels): readonly string[] {
  return [...all.values()].filter((channel: OpenChannel) => channel.reaches === 'phone').map(({ id }) => id);
}

/** The ladders of the channels file as far as they reach people: no chat room hears each resident's own message. */
export function waysOf(channels: Channels, tokens: AnswerTokens | null, publicUrl: string | null): CallWays {
  const phones = new Set(phoneChannels(channels));
  const own = (ladder: readonly (readonly string[])[]) =>
    ladder.map((step) => step.filter((channel) => phones.has(channel))).filter((step) => step.length > 0);
  const { lifeSafety, other } = channels.ladders;
  const base = publicUrl?.replace(/\/$/, '');
  return {
    ladders: { lifeSafety: own(lifeSafety), other: own(other.length > 0 ? other : lifeSafety) },
    linkOf: (recipient) => (base === undefined || tokens === null ? undefined : `${base}/a/${tokens.sign(recipient)}`),
  };
}
