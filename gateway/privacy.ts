import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { personalOf } from '@yihu/device-profiles/library/personal.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { DeviceEvent, Reading, Value } from '@yihu/device-profiles/vocabulary/reading.ts';

/** 化名: the same person is known again by it, and not who it is; undefined where personal data is left out altogether. */
export type Pseudonym = ((value: string) => string) | undefined;

/** Takes what is personal out of what a device said, before anything else sees it. */
export interface Redaction {
  readings(readings: readonly Reading[]): readonly Reading[];
  events(events: readonly DeviceEvent[]): readonly DeviceEvent[];
}

const keyBytes = 32;
/** Of 32 bytes; enough that no two people share one. */
const pseudonymLength = 22;

/**
 * The gateway's own key, made at the first start, for nobody else to read. A card number is short: without the key a
 * pseudonym tells nothing, with it everything, so it never leaves this machine.
 * A file that holds no key is replaced: who was known before is then known as somebody else.
 * @throws where it cannot be read or written
 */
export async function openPseudonym(folder: string): Promise<NonNullable<Pseudonym>> {
  const key = await keyOf(join(folder, 'privacy.key'));
  return (value) => `p:${createHmac('sha256', key).update(value, 'utf8').digest('base64url').slice(0, pseudonymLength)}`;
}

async function keyOf(file: string): Promise<Buffer> {
  const known = readKey(file);
  if (known) return known;
  const key = randomBytes(keyBytes);
  // Whole or not at all: a half-written key would be another one after the next start.
  await rm(`${file}.new`, { force: true });
  const handle = await open(`${file}.new`, 'wx', 0o600);
  try {
    await handle.writeFile(key.toString('base64url'));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
  return key;
}

function readKey(file: string): Buffer | null {
  try {
    const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64url');
    return key.length === keyBytes ? key : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Undefined where nothing of the profile is personal. */
export function compileRedaction(profile: Profile, pseudonym: Pseudonym): Redaction | undefined {
  const { points, data } = personalOf(profile);
  if (points.size + data.size === 0) return undefined;
  return {
    readings: (readings) =>
      readings.flatMap((reading) => {
        if (!points.has(reading.point)) return [reading];
        return pseudonym ? [{ ...reading, value: hide(reading.value, pseudonym) }] : [];
      }),
    events: (events) => events.map((event) => (event.data ? { ...event, data: hideData(event.data, data, pseudonym) } : event)),
  };
}

function hideData(values: NonNullable<DeviceEvent['data']>, personal: ReadonlySet<string>, pseudonym: Pseudonym) {
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]): [string, Value][] => {
      if (!personal.has(key)) return [[key, value]];
      return pseudonym ? [[key, hide(value, pseudonym)]] : [];
    }),
  );
}

/** Nobody is nobody: no value, and an empty one, stay what they are. */
function hide(value: Value, pseudonym: NonNullable<Pseudonym>): Value {
  return value === null || value === '' ? value : pseudonym(String(value));
}
