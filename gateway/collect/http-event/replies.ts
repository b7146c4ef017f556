import type { Reply, Request } from '@yihu/device-profiles/protocols/http-event.ts';
import { holesOf } from '@yihu/device-profiles/protocols/http-event.ts';
import type { Json } from '@yihu/device-profiles/vocabulary/frame.ts';
import { asIs, escapeFor, fill } from './fill.ts';
import { compileCondition, pathOf, wordAt } from './json-path.ts';
import type { Waiting } from './outbox.ts';

export interface ReplyContext {
  readonly identityName: string;
  readonly identity: string | undefined;
  /** The first message of the request; null where it had none. */
  readonly message: Json;
  readonly count: number;
  /** The command to be handed out with it, if this reply can carry one. */
  takeCommand(): Waiting | undefined;
}

export interface WrittenReply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly command: Waiting | undefined;
  /** The reply as the profile has it, without what was filled in: for the trace. */
  readonly template: string;
}

/** The reply of the profile, which is part of the protocol: devices that get another one send everything again. */
export function writeReply(request: Request, context: ReplyContext): WrittenReply {
  const reply = request.reply.find(({ when }) => when === undefined || compileCondition(when)(context.message));
  if (!reply) return { status: 200, type: 'text/plain', body: '', command: undefined, template: '' };
  const command = holesOf(reply.body).includes('command') ? context.takeCommand() : undefined;
  const escape = escapeFor(reply.type);
  const values = new Map([...filled(reply, context)].map(([name, value]) => [name, escape(value) ?? '']));
  // A command's words are a part of the reply that the profile wrote; its arguments were escaped when it was made.
  values.set('command', command?.words ?? reply.idle);
  const body = fill(reply.body, values, asIs) ?? '';
  return { status: reply.status, type: reply.type, body, command, template: reply.body };
}

function filled(reply: Reply, { identityName, identity, message, count }: ReplyContext): Map<string, string> {
  const values = Object.entries(reply.fill).map(([name, path]): [string, string] => [name, wordAt(message, pathOf(path)) ?? '']);
  return new Map([...values, [identityName, identity ?? ''], ['count', String(count)]]);
}

/** The media type of the reply that hands out commands, which says how their arguments are escaped. */
export function commandType(requests: readonly Request[]): string {
  const carrying = requests.flatMap(({ reply }) => reply).find(({ body }) => holesOf(body).includes('command'));
  return carrying?.type ?? 'text/plain';
}
