import type { Frame, FrameBody, Json } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Dc09Channel } from '@yihu/device-profiles/protocols/dc09.ts';
import { type ContactId, contactId, isOfZone } from './contact-id.ts';
import { type Message, timeText } from './message.ts';

/** What the driver hands on of one message: of the host, or of a zone of it. */
export interface Said {
  readonly body: Extract<FrameBody, { kind: 'fields' | 'alive' }>;
  readonly child?: NonNullable<Frame['child']>;
}

const alive: Said = { body: { kind: 'alive' } };

/** ADM-CID, and HENG-BO, which is the same with some codes more. */
const contactIds = new Set(['ADM-CID', 'HENG-BO']);

/** Null: the message is one that this gateway cannot read, such as an encrypted one. */
export function saidBy(message: Message, zone: string): Said | null {
  if (message.isEncrypted) return null;
  if (message.id === 'NULL' || message.id === 'XNM') return alive;
  const at = timeText(message.time, zone);
  const about = { seq: message.seq, id: message.id, ...(at === undefined ? {} : { at }), ...alarmText(message.extended) };
  const event = contactIds.has(message.id) ? contactId(message.data) : null;
  if (event === null) return plain('unknown', { ...about, data: message.data });
  return event.number > 0 && isOfZone(event.code) ? ofZone(event, about) : plain('event', { ...about, ...fieldsOf(event) });
}

function ofZone(event: ContactId, about: Readonly<Record<string, Json>>): Said {
  const number = String(event.number).padStart(3, '0');
  const name = { zh: `防区 ${number}`, en: `Zone ${number}` };
  return {
    ...plain('zone', { ...about, ...fieldsOf(event) }),
    child: { key: `zone-${event.group.toLowerCase()}-${number}`, name },
  };
}

const qualifiers = { '1': 'event', '3': 'restore', '6': 'still' } as const;

function fieldsOf({ qualifier, code, group, number }: ContactId): Record<string, Json> {
  return { code, qualifier: qualifiers[qualifier], group, number };
}

function plain(channel: Dc09Channel, fields: Readonly<Record<string, Json>>): Said {
  return { body: { kind: 'fields', channel, fields } };
}

/** Extended data `I` is the alarm's text (DC-09 annex H); other kinds are not needed, and some are personal. */
function alarmText(extended: readonly string[]): { text?: string } {
  const text = extended.find((each) => each.startsWith('I'))?.slice(1);
  if (text === undefined || text === '') return {};
  return {
    text: Buffer.from(text, 'latin1')
      .toString('utf8')
      .replaceAll(/[\p{Cc}\p{Cf}\ufffd]/gu, '')
      .slice(0, 120)
      .toWellFormed(),
  };
}
