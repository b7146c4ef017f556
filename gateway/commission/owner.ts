import { readFile, realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { ownerOf } from '../lock.ts';
import { type LinePlace, placeText } from './line-place.ts';

/** The running gateway that has a line, by the port of its site file. */
export interface LineOwner {
  readonly port: string;
  readonly pid: number;
  /** As the site file writes it. */
  readonly place: string;
}

const Lines = z.object({
  data: z.string().catch('data'),
  ports: z.array(z.looseObject({ id: z.string() }).nullable().catch(null)).catch([]),
});

/**
 * Who owns a line: null where no gateway runs by this site file, or its file has no such line. A file that cannot be read
 * is no gateway's.
 */
export async function ownerOfLine(siteFile: string, place: LinePlace): Promise<LineOwner | null> {
  const text = await readFile(siteFile, 'utf8').catch(() => null);
  if (text === null) return null;
  const parsed = Lines.safeParse(parseDocument(text).toJS() as unknown);
  if (!parsed.success) return null;
  const { data, ports } = parsed.data;
  const pid = ownerOf(resolve(dirname(siteFile), data));
  if (pid === null) return null;
  const wanted = await nameOf(place);
  for (const port of ports) {
    const own = port === null ? null : placeIn(port);
    if (port && own && (await nameOf(own)) === wanted) return { port: port.id, pid, place: placeText(own) };
  }
  return null;
}

function placeIn(port: Readonly<Record<string, unknown>>): LinePlace | null {
  if (port['driver'] !== 'line') return null;
  if (typeof port['path'] === 'string') return { path: port['path'] };
  const { host, port: number } = port;
  return typeof host === 'string' && typeof number === 'number' ? { host, port: number } : null;
}

/** /dev/serial/by-id/… and /dev/ttyUSB0 are one port. */
async function nameOf(place: LinePlace): Promise<string> {
  return 'path' in place ? realpath(place.path).catch(() => place.path) : placeText(place);
}

const Declared = z.object({ network: z.object({ subnets: z.array(z.string()) }) });

/** The networks that a site file declares; none where it cannot be read. */
export async function subnetsOf(siteFile: string): Promise<readonly string[]> {
  const text = await readFile(siteFile, 'utf8').catch(() => '');
  const parsed = Declared.safeParse(parseDocument(text).toJS() as unknown);
  return parsed.success ? parsed.data.network.subnets : [];
}

/** The data folder by a site file; that of its defaults where it cannot be read. */
export async function dataOf(siteFile: string): Promise<string> {
  const text = await readFile(siteFile, 'utf8').catch(() => '');
  const parsed = Lines.safeParse(parseDocument(text).toJS() as unknown);
  return resolve(dirname(siteFile), parsed.success ? parsed.data.data : 'data');
}
