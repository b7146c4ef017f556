import { createHash } from 'node:crypto';
import type { CapEntry } from '@yihu/device-profiles/vocabulary/cap.ts';
import type { IncidentSummary } from '@yihu/device-profiles/vocabulary/incident.ts';
import { type Kysely, sql } from 'kysely';
import { atomFeed } from '../cap/feed.ts';
import { incidentMessage, isOver } from '../cap/incident-message.ts';
import { capLimits } from '../cap/limits.ts';
import type { CapReference } from '../cap/message.ts';
import { readCap } from '../cap/read.ts';
import { offsetTime } from '../cap/time.ts';
import { writeCap } from '../cap/write.ts';
import { capAreaOf } from './cap-areas.ts';
import type { Desk } from './commands.ts';
import { selectSummaries } from './incident-rows.ts';
import type { Scope } from './records.ts';
import { lockResponse } from './response-work.ts';
import { inTransaction } from './retry.ts';
import { within } from './scope.ts';
import type { Tables } from './tables.ts';

/** The document, or that nobody outside was told before it was over. */
export type CapOfIncident = { readonly document: string } | { readonly neverSent: true };

/** Who we are in the documents we send: an identity of the whole world, and a name for people. */
export interface CapSender {
  readonly sender: string;
  readonly name: string;
}

interface SentMessage extends CapReference {
  readonly version: number;
  readonly expiresAt: number;
  readonly document: string;
}

async function selectSent(db: Kysely<Tables>, incident: string): Promise<SentMessage[]> {
  const { rows } = await sql<SentMessage>`select sender, identifier, sent, version, expires_at as "expiresAt", document
    from cap_message where direction = 'out' and incident = ${incident} order by id`.execute(db);
  return rows;
}

/** True where what was sent last is still what there is to say. */
function stands(last: SentMessage, incident: IncidentSummary, at: number): boolean {
  return last.version === incident.version && (isOver(incident.state) || last.expiresAt > at);
}

/**
 * 上报文档 of one incident: its newest CAP message. Where the incident was moved since the last one, the next is written and
 * kept first, and refers to those before it; asked twice, it is the same document. `neverSent` where it was over before
 * anybody was told; null where the scope does not see it.
 */
export async function capOfIncident(desk: Desk, from: CapSender, scope: Scope, id: string): Promise<CapOfIncident | null> {
  const { db } = desk.database;
  const where = sql`i.id = ${id} and ${within('i.area', scope)}`;
  const [seen] = await selectSummaries(db, where);
  if (!seen) return null;
  const last = (await selectSent(db, id)).at(-1);
  if (last && stands(last, seen, desk.clock.now())) return { document: last.document };
  return inTransaction<CapOfIncident | null>(db, async (trx) => {
    await lockResponse(trx);
    const [incident] = await selectSummaries(trx, where);
    return incident ? nextMessage(trx, desk, from, incident) : null;
  });
}

async function nextMessage(trx: Kysely<Tables>, desk: Desk, from: CapSender, incident: IncidentSummary): Promise<CapOfIncident> {
  const at = desk.clock.now();
  const { timeZone } = desk.rules;
  const before = await selectSent(trx, incident.id);
  const last = before.at(-1);
  if (last && stands(last, incident, at)) return { document: last.document };
  if (!last && isOver(incident.state)) return { neverSent: true };
  const area = await capAreaOf(trx, incident.area);
  const references = before.map(({ sender, identifier, sent }) => ({ sender, identifier, sent }));
  const telling = { incident, area, sender: from.sender, senderName: from.name, timeZone, at, before: references };
  const message = incidentMessage(telling);
  const document = writeCap(message);
  const hash = createHash('sha256').update(document).digest('hex');
  await sql`insert into cap_message (direction, sender, identifier, sent, sent_at, status, msg_type, headline, thread, effect, areas,
      incident, version, expires_at, at, hash, document)
    values ('out', ${message.sender}, ${message.identifier}, ${message.sent}, ${at}, ${message.status}, ${message.msgType},
      ${(message.info[0]?.headline ?? '').slice(0, 200)}, ${incident.id}, 'sent', ${[incident.area]}, ${incident.id}, ${incident.version},
      ${at + capLimits.lastsMs}, ${at}, ${hash}, ${document})`.execute(trx);
  return { document };
}

const entry =
  sql.raw(`m.direction, m.sender, m.identifier, m.sent, m.status, m.msg_type as "msgType", m.headline, m.effect, m.areas,
  m.incident, m.at`);

/** A message is seen by whoever sees one of its areas. */
const seenBy = (scope: Scope) =>
  sql<boolean>`exists (select 1 from unnest(m.areas) as mine(path) where ${within('mine.path', scope)})`;

/** Messages of both directions, the newest first. */
export async function listCap(db: Kysely<Tables>, scope: Scope): Promise<CapEntry[]> {
  // A document that begins a story refers to none, and is not read.
  const { rows } = await sql<Omit<CapEntry, 'references'> & { document: string | null }>`select ${entry},
      case when m.msg_type <> 'Alert' then m.document end as document
    from cap_message m where ${seenBy(scope)} order by m.id desc limit ${capLimits.feed}`.execute(db);
  return rows.map(({ document, ...line }) => ({ ...line, references: document === null ? [] : referencesOf(document) }));
}

function referencesOf(document: string): string[] {
  const read = readCap(document);
  return 'problems' in read ? [] : read.message.references.map(({ identifier }) => identifier);
}

/** One document that was sent or taken, as it was; null where the scope does not see it. */
export async function capDocument(db: Kysely<Tables>, scope: Scope, identifier: string): Promise<string | null> {
  const { rows } = await sql<{ document: string }>`select m.document from cap_message m
    where m.identifier = ${identifier} and ${seenBy(scope)} order by m.direction desc, m.id limit 1`.execute(db);
  return rows[0]?.document ?? null;
}

/**
 * What there is to tell others: every incident somebody has confirmed, and those that were told of and are over now. Unconfirmed
 * alarms are nobody's news. Brings the messages up to date first.
 */
export async function capFeed(desk: Desk, from: CapSender, scope: Scope, base: string): Promise<string> {
  const { db } = desk.database;
  const { rows } = await sql<{ id: string }>`select i.id from incident i
    left join lateral (select m.version, m.expires_at from cap_message m where m.incident = i.id order by m.id desc limit 1) last on true
    where ${within('i.area', scope)} and ((i.open and i.state <> 'open') or (not i.open and last.version is not null and last.version <> i.version))
      and (last.version is null or last.version <> i.version or (i.open and last.expires_at <= ${desk.clock.now()}))
    order by i.opened_at desc, i.id limit ${capLimits.feed}`.execute(db);
  for (const { id } of rows) await capOfIncident(desk, from, scope, id);
  const sent = await sql<
    Omit<CapEntry, 'references'>
  >`select ${entry} from cap_message m where m.direction = 'out' and ${seenBy(scope)}
    order by m.id desc limit ${capLimits.feed}`.execute(db);
  const entries = sent.rows.map(({ identifier, headline, sent: at }) => ({ identifier, title: headline, sent: at }));
  const updated = entries[0]?.sent ?? offsetTime(0, desk.rules.timeZone);
  return atomFeed({ base, updated, name: from.name, entries });
}
