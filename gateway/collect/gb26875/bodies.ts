import type { Frame, FrameBody } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Info, PartAddress, SystemAddress } from './edition-2011.ts';
import { type Edition, readObjects } from './objects.ts';
import type { Packet } from './packet.ts';
import { partTypes } from './part-types.ts';
import { systemTypes } from './system-types.ts';
import { timeText } from './time.ts';

/** What the driver hands on of one frame: of the transmitter itself, and of what stands behind it. */
export interface Said {
  readonly body: Extract<FrameBody, { kind: 'fields' | 'alive' }>;
  readonly child?: NonNullable<Frame['child']>;
}

/** Hex digits kept of application data that nobody can read. */
const rawKept = 512;

/** Everything a frame with data says; never empty, so that a registration or heartbeat is heard too. */
export function saidBy(packet: Packet, zone: string, edition: Edition = 'by-version'): Said[] {
  const sentAt = timeText(packet.time, zone);
  const about = { serial: String(packet.serial), ...(sentAt === undefined ? {} : { sentAt }) };
  const objects = readObjects(packet, zone, edition);
  if (objects === null) return [alive];
  if ('unread' in objects) {
    const data = Buffer.from(packet.data).toString('hex').slice(0, rawKept);
    const type = String(packet.data[0] ?? 0);
    const { version, command } = packet;
    const protocol = `${version.major}.${version.minor}`;
    return [plain('unknown', { ...about, protocol, command, why: objects.unread, type, data })];
  }
  const infos = objects.placed.flatMap((placed) => placed.infos);
  // No object, or an operation that is none, still shows that the device is alive.
  if (infos.length === 0) return [alive];
  return infos.map((info) => ({ ...plain(info.channel, { ...about, ...info.fields }), ...childOf(info) }));
}

const alive: Said = { body: { kind: 'alive' } };

function plain(channel: Info['channel'], fields: Info['fields']): Said {
  return { body: { kind: 'fields', channel, fields } };
}

function childOf({ system, part, fields }: Info): { child?: NonNullable<Frame['child']> } {
  if (part) return { child: { key: partKey(part), name: partName(part, fields['text']), note: partKind(part) } };
  if (system) return { child: { key: systemKey(system), name: systemName(system) } };
  return {};
}

/** The same part has the same key for ever: it is made of its addresses and nothing else. */
export function partKey({ type, address, part, partAddress }: PartAddress): string {
  return `part-${type}-${address}-${part}-${partAddress}`;
}

function systemKey({ type, address }: SystemAddress): string {
  return `system-${type}-${address}`;
}

/** What the panel calls it; where it has no text, what it is and where. */
function partName({ part, partAddress }: PartAddress, text: unknown): Text {
  const { zh, en } = partTypes[part] ?? { zh: `部件类型 ${part}`, en: `Part type ${part}` };
  const name = typeof text === 'string' && text !== '' ? text.slice(0, 120).toWellFormed() : `${zh} ${partAddress}`;
  return { zh: name, en: `${en ?? zh} ${partAddress}` };
}

/** Which kind of part stands there, beside the name the panel gives it. */
function partKind({ part }: PartAddress): string {
  return partTypes[part]?.zh ?? `部件类型 ${part}`;
}

function systemName({ type, address }: SystemAddress): Text {
  const { zh, en } = systemTypes[type] ?? { zh: `系统类型 ${type}`, en: `System type ${type}` };
  return { zh: `${zh} ${address}`, en: `${en ?? zh} ${address}` };
}
