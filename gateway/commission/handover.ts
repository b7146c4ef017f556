import { readdir, readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { tableText } from '@yihu/device-profiles/vocabulary/table.ts';
import { isNode, isScalar, parseDocument, visit } from 'yaml';
import type { ConfiguredDevice, Site } from '../config.ts';
import { written } from './site-edit.ts';

/** What stands in a handover instead of a secret. */
const removed = '(removed)';
/** Of a site file; names of files that hold secrets may stay. */
const secretNames = /^(?:secret|key|password|token|community|secureUser)$/i;

export interface HandoverFile {
  /** Inside of the folder that is handed over. */
  readonly path: string;
  readonly text: string;
}

/** A login in an address: `rtsp://user:password@camera`. */
const loginInAddress = /(:\/\/)[^/@\s]+@/g;

/** How a device was found when the handover was written; undefined where the gateway was not running. */
export type StateOf = (device: string) => { readonly state: string; readonly lastSeen: number | null } | undefined;

/**
 * 交付资料: what an installer leaves behind. The site file with its secrets taken out, the site's own profiles, and the list
 * of devices as a table for people (RFC 4180, with a byte order mark) and as JSON for programs.
 */
export async function handoverOf(
  site: Site,
  stateOf: StateOf,
  made: { readonly at: number; readonly version: string },
): Promise<HandoverFile[]> {
  const devices = site.devices.map((device) => rowOf(device, stateOf(device.id)));
  const { gateway, ports } = site;
  const document = {
    schema: 'yihu.handover/1',
    ...made,
    gateway,
    ports: ports.map(({ id }) => id),
    devices,
  };
  return [
    { path: 'site.yaml', text: withoutComments(withoutSecrets(site.text)) },
    { path: 'devices.csv', text: tableOf(devices) },
    { path: 'handover.json', text: `${JSON.stringify(document, null, 2)}\n` },
    ...(await ownProfiles(dirname(site.file), site.profileFolders)),
  ];
}

type Row = ReturnType<typeof rowOf>;

function rowOf({ id, name, profile, port, address, place }: ConfiguredDevice, found: ReturnType<StateOf>) {
  const shown = Object.entries(place).flatMap(([level, value]) => (typeof value === 'string' ? [`${level} ${value}`] : []));
  return {
    id,
    name: name.zh,
    profile: profile.id,
    category: profile.category,
    port,
    address: JSON.stringify(address, (key, value: unknown) => withoutSecret(key, value)),
    place: shown.join(', '),
    state: found?.state ?? 'unknown',
    /** 最近应答: UTC; empty where it was never heard, or nobody knows. */
    lastSeen: found?.lastSeen == null ? '' : new Date(found.lastSeen).toISOString(),
  };
}

function tableOf(rows: readonly Row[]): string {
  const columns = ['id', 'name', 'profile', 'category', 'port', 'address', 'place', 'state', 'lastSeen'] as const;
  return tableText([[...columns], ...rows.map((row) => columns.map((column) => row[column]))]);
}

function withoutSecret(name: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return secretNames.test(name) ? removed : value.replaceAll(loginInAddress, '$1');
}

/** The same text with comments and order as they were; only what is secret is gone. */
export function withoutSecrets(text: string): string {
  const document = parseDocument(text);
  visit(document, {
    Pair: (_key, { key, value }) => {
      if (isScalar(key) && isScalar(value)) value.value = withoutSecret(String(key.value), value.value);
    },
  });
  return written(document);
}

const noComments = ' 现场文件的注释没有带出（可能写有口令）。Comments of the site file are left out; they may hold secrets.';

/** A note to oneself may hold a password, and nobody can tell: in the hand-over there are none. */
export function withoutComments(text: string): string {
  const document = parseDocument(text);
  visit(document, (_key, node) => {
    if (isNode(node)) [node.comment, node.commentBefore] = [null, null];
  });
  [document.comment, document.commentBefore] = [null, noComments];
  return written(document);
}

/** Where the site file looks for them; those of folders elsewhere, in folders of their own. */
async function ownProfiles(home: string, folders: readonly string[]): Promise<HandoverFile[]> {
  const files: HandoverFile[] = [];
  for (const [nth, folder] of folders.entries()) {
    const beside = relative(home, folder);
    const place = beside.startsWith('..') || isAbsolute(beside) ? `profiles-elsewhere-${nth + 1}` : beside;
    const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.yaml'));
    for (const name of names.toSorted())
      files.push({ path: join(place, name), text: await readFile(join(folder, name), 'utf8') });
  }
  return files;
}
