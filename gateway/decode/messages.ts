import { createHash } from 'node:crypto';
import type { FrameBody } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { DeviceEvent, Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import { type Branch, compileBranch, type Opened, type Taken } from './branch.ts';
import type { Decoded, IsSeen } from './decode.ts';
import { compileTime } from './device-time.ts';
import { compileReadings, fieldsPayload, type Payload, payloadOf, refusals, tooLarge } from './payload.ts';
import { parsePath, type Place } from './path.ts';
import { compileSettle } from './relate.ts';
import { compileWord } from './source.ts';
import { compileStamp } from './stamp.ts';
import { compileWill } from './will.ts';

type Body<K extends FrameBody['kind']> = Extract<FrameBody, { kind: K }>;

export interface DecodeMessages {
  message(body: Body<'message'>, at: number, isSeen: IsSeen): Decoded;
  /** The same for what a driver's codec has taken apart. */
  fields(body: Body<'fields'>, at: number, isSeen: IsSeen): Decoded;
}

const nothing: Decoded = { readings: [], events: [] };

/** Prepares the channels of a profile that speaks in messages. The returned functions never throw, whatever the bytes. */
export function compileMessages(profile: Profile): DecodeMessages {
  const reading = compileReadings();
  const channels = new Map(
    Object.entries(profile.decode).map(([channel, branches]) => [
      channel,
      branches.map((branch) => compileBranch(profile, branch, reading(branch.as))),
    ]),
  );
  const { liveness } = profile.availability;
  const will = compileWill(profile.availability.will);
  const say = compileSay(profile);
  const maxBytes = profile.maxMessageKb * 1024;
  const isQuiet = (channel: string): boolean => liveness !== undefined && !liveness.includes(channel);
  const decode = (channel: string, payload: Payload, about: About): Decoded => {
    const said = will?.(channel, payload);
    const branches = channels.get(channel);
    if (branches === undefined) {
      if (said !== undefined || liveness?.includes(channel) === true) return { ...nothing, ...(said && { will: said }) };
      return { ...nothing, refused: will?.isOf(channel) === true ? refusals.noBranch : refusals.noChannel };
    }
    const opened = openFirst(branches, payload, about);
    if ('readings' in opened) return said === undefined ? opened : { ...nothing, will: said };
    const decoded = say(opened, about);
    return said === undefined ? decoded : { ...decoded, will: said };
  };
  const quiet = (decoded: Decoded, isQuietNow: boolean): Decoded => (isQuietNow ? { ...decoded, isQuiet: true } : decoded);
  return {
    message({ channel, payload, envelope, retained = false }, at, isSeen) {
      if (payload.length > maxBytes) return { ...nothing, refused: tooLarge(profile.maxMessageKb) };
      const decoded = decode(channel, payloadOf(payload), { at, envelope, isRetained: retained, isOfMemory: false, isSeen });
      return quiet(decoded, retained || isQuiet(channel));
    },
    fields({ channel, fields, historical: isOfMemory = false }, at, isSeen) {
      const about = { at, envelope: undefined, isRetained: false, isOfMemory, isSeen };
      return quiet(decode(channel, fieldsPayload(fields), about), isQuiet(channel));
    },
  };
}

interface About {
  readonly at: number;
  readonly envelope: Place['envelope'];
  readonly isRetained: boolean;
  /** Told out of the device's memory, not as it happened. */
  readonly isOfMemory: boolean;
  readonly isSeen: IsSeen;
}

/** The first branch that can read the message and whose `when` holds; else why there is none. */
function openFirst(branches: readonly Branch[], payload: Payload, { at, envelope }: About): Opened | Decoded {
  let refused: Decoded['refused'] = refusals.noBranch;
  for (const branch of branches) {
    const opened = branch.open(payload, envelope, at);
    if (opened === undefined) continue;
    if (!('refused' in opened)) return opened;
    refused = opened.refused;
  }
  return { ...nothing, refused };
}

/** Prepares what a message comes to once a branch has taken it apart: values related, times put beside, repeats left out. */
function compileSay(profile: Profile): (opened: Opened, about: About) => Decoded {
  const settle = compileSettle(profile);
  const stamp = compileStamp(profile);
  const readTime = profile.time === undefined ? undefined : compileTime(profile.time, profile.zone);
  const keyOf = compileKey(profile.dedupe);
  const otherModel = compileModel(profile.models);
  const maxSkew = profile.time?.maxSkew ?? 0;
  return ({ whole, records, left }, { at, isRetained, isOfMemory, isSeen }) => {
    const readings: Reading[] = [];
    const events: DeviceEvent[] = [];
    const keys: string[] = [];
    let repeated = 0;
    for (const taken of [whole, ...records]) {
      const key = keyOf(taken);
      if (key !== undefined && (isSeen(key) || keys.includes(key))) {
        repeated++;
        // A message whose own key was seen has nothing new in it; neither have its records.
        if (taken === whole) break;
        continue;
      }
      if (key !== undefined) keys.push(key);
      const deviceAt = taken.time === undefined ? readTime?.(taken.place) : taken.time.ms;
      const settled = settle(taken.found, at, taken === whole ? [] : whole.found);
      // What a device tells late of a moment ago is still news.
      const isHistorical = taken.isHistorical || (isOfMemory && (deviceAt === undefined || at - deviceAt > maxSkew));
      readings.push(...stamp(settled, { at, deviceAt, isHistorical, isRetained }));
      for (const event of taken.events) {
        const dated = deviceAt === undefined ? event : { ...event, deviceAt };
        events.push(isHistorical ? { ...dated, historical: true } : dated);
      }
    }
    const model = otherModel?.(whole.place);
    return {
      readings,
      events,
      ...(keys.length > 0 && { keys }),
      ...(repeated > 0 && { repeated }),
      ...(left && { left }),
      ...(model !== undefined && { otherModel: model }),
    };
  };
}

/**
 * The key by which a record that comes again is known: of each record where a path looks into records, else of the message.
 * `undefined`: it has none.
 */
function compileKey(dedupe: Profile['dedupe']): (taken: Taken) => string | undefined {
  if (dedupe === undefined) return () => undefined;
  const words = dedupe.key.map(compileWord);
  const isOfRecords = dedupe.key.some((path) => parsePath(path).root === 'item');
  return ({ place }) => {
    if ((place.item !== undefined) !== isOfRecords) return undefined;
    const parts = words.map((word) => word(place));
    if (parts.includes(undefined)) return undefined;
    const key = JSON.stringify(parts);
    return key.length <= 120 ? key : createHash('sha256').update(key).digest('base64url');
  };
}

function compileModel(models: Profile['models']): ((place: Place) => string | undefined) | undefined {
  if (models?.from === undefined) return undefined;
  const word = compileWord(models.from);
  const known = new Set(models.ids);
  return (place) => {
    const said = word(place);
    return said === undefined || known.has(said) ? undefined : said.slice(0, 120);
  };
}
