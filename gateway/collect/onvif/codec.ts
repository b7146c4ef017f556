import { onvifOf } from '@yihu/device-profiles/protocols/onvif.ts';
import type { FrameBody } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Codec, CodecField, Explained, Refused } from '../codec.ts';
import { readEnvelope } from './envelope.ts';
import { type CameraMessage, fieldsOf, isAbout, messagesIn } from './messages.ts';
import { at } from './tree.ts';

/** Answers to PullMessages as they are on the wire: the vectors of profiles, and what an installer pastes from a trace. */
export const codecs: readonly Codec[] = [{ name: 'onvif', explain, frames }];

const utf8 = new TextDecoder('utf-8');

function read(bytes: Uint8Array): { messages: CameraMessage[] } | Refused {
  const envelope = readEnvelope(utf8.decode(bytes));
  if ('unread' in envelope)
    return refusal('no-soap', `不是 SOAP 信封（${envelope.unread}）。`, `This is no SOAP envelope (${envelope.unread}).`);
  if ('fault' in envelope) {
    const { code, reason } = envelope.fault;
    return refusal('fault', `摄像机报错 ${code}（${reason}）。`, `The camera answered with the fault ${code} (${reason}).`);
  }
  const response = at(envelope.body, 'PullMessagesResponse');
  if (response === undefined) return refusal('no-pull', '不是 PullMessages 的应答。', 'This is no answer to PullMessages.');
  return { messages: messagesIn(response) };
}

function explain(bytes: Uint8Array): Explained {
  const said = read(bytes);
  if ('refused' in said) return said;
  return { fields: said.messages.flatMap(fieldsOfMessage) };
}

function fieldsOfMessage({ topic, operation, source, data, utcTime }: CameraMessage): CodecField[] {
  const items = (kind: string, list: Readonly<Record<string, string>>) =>
    Object.entries(list).map(([name, value]): CodecField => ({ name: `${kind} ${name}`, value }));
  const isInitial = operation === 'Initialized';
  return [
    { name: 'Topic', value: topic },
    { name: 'UtcTime', value: utcTime },
    {
      name: 'PropertyOperation',
      value: operation,
      ...(isInitial && { zh: '订阅时的现状，不是事件', en: 'how it stood when we subscribed; no event' }),
    },
    ...items('Source', source),
    ...items('Data', data),
  ];
}

function frames(profile: Profile, bytes: Uint8Array): { bodies: readonly FrameBody[] } | Refused {
  const said = read(bytes);
  if ('refused' in said) return said;
  const { topics } = onvifOf(profile);
  const wanted = said.messages.filter(({ topic }) => isAbout(topic, topics));
  return { bodies: wanted.map((message) => ({ kind: 'fields', channel: 'event', fields: fieldsOf(message) })) };
}

function refusal(code: string, zh: string, en: string): Refused {
  return { refused: { code, zh, en } };
}
