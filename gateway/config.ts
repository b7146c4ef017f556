import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { bindProfile } from '@yihu/device-profiles/library/bind.ts';
import type { Place } from '@yihu/device-profiles/vocabulary/place.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { SiteDevice } from '@yihu/device-profiles/vocabulary/record.ts';
import type { SiteProfile } from '@yihu/device-profiles/vocabulary/site-profile.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { LineCounter, isSeq, parseDocument } from 'yaml';
import { z } from 'zod';
import type { BoundDevice, Driver } from './collect/driver.ts';
import type { RuleOverride } from './evaluate/rules.ts';
import { ruleSettings, siteProfiles } from './inventory.ts';
import { limits } from './limits.ts';
import { nearest } from './nearest.ts';
import { type Problem, Report } from './problems.ts';
import { type SiteLinkage, bindLinkage } from './site-linkage.ts';
import { partProfiles } from './site-parts.ts';
import { type SiteSnapshots, siteSnapshots } from './site-snapshots.ts';
import { type DeviceSection, type Frame, type HistorySection, type Overrides, SiteFile, partialFrame } from './site-file.ts';

export interface SitePort {
  readonly id: string;
  readonly driver: Driver;
  readonly settings: unknown;
  readonly devices: readonly BoundDevice[];
}

export interface ConfiguredDevice extends BoundDevice {
  readonly port: string;
  readonly name: Text;
  readonly place: Place;
  /** The device it hangs on. */
  readonly hangsOn?: string | undefined;
  readonly snapshot?: DeviceSection['snapshot'];
  readonly overrides: Readonly<Record<string, RuleOverride>>;
  /** What parts of it can be, with their params; and what is otherwise with their rules. */
  readonly parts: ReadonlyMap<string, Profile>;
  readonly partOverrides: ReadonlyMap<string, Readonly<Record<string, RuleOverride>>>;
}

export interface Site extends SiteLinkage {
  readonly file: string;
  /** What the file said when it was checked. */
  readonly text: string;
  /** Absolute. */
  readonly data: string;
  /** Folders of profiles beside the library; absolute. */
  readonly profileFolders: readonly string[];
  readonly gateway: { readonly id: string; readonly name: Text };
  readonly listen: { readonly host: string; readonly port: number } | null;
  readonly uplink: boolean;
  readonly privacy: 'pseudonym' | 'drop';
  readonly storeBytes: number;
  /** Where cameras and terminals may be contacted; CIDR. */
  readonly subnets: readonly string[];
  readonly history: z.output<typeof HistorySection>;
  readonly snapshots: SiteSnapshots;
  readonly ports: readonly SitePort[];
  readonly devices: readonly ConfiguredDevice[];
  readonly inventory: readonly SiteDevice[];
  readonly inventoryHash: string;
  readonly inventoryProfiles: readonly SiteProfile[];
}

/** What a site is checked against. */
export interface SiteContext {
  readonly drivers: ReadonlyMap<string, Driver>;
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly applyVariant: (profile: Profile, variant: string) => Profile | null;
}

/** Folders of profiles a site file names, read before the rest because the rest is checked against them. */
export function profileFolders(text: string, file: string): string[] {
  const document = parseDocument(text);
  if (document.errors.length > 0) return [];
  const node = document.get('profiles');
  const parsed = z.array(z.string()).safeParse(isSeq(node) ? node.toJSON() : []);
  return parsed.success ? parsed.data.map((folder) => resolve(dirname(file), folder)) : [];
}

/** The text of a site file, or the one problem that keeps it from being read. */
export async function readSiteFile(file: string): Promise<{ text: string } | { problems: Problem[] }> {
  const problem = (zh: string, en: string) => ({ problems: [{ file, line: 1, path: '', zh, en }] });
  try {
    const found = await stat(file);
    // A device or a pipe might never end; a folder is told by what reading it says.
    if (!found.isFile() && !found.isDirectory()) return problem('这不是普通文件。', 'This is no plain file.');
    if (found.size > limits.siteBytes)
      return problem(`现场文件超过 ${limits.siteBytes} 字节。`, `The site file is larger than ${limits.siteBytes} bytes.`);
    return { text: await readFile(file, 'utf8') };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    if (code === 'ENOENT')
      return problem(
        '没有这个现场文件。请检查路径；还没有写过的话：yihu-gateway init',
        'There is no such site file. Check the path; where none was written yet: yihu-gateway init',
      );
    return problem(
      `读不到现场文件（${code}）。请检查路径和权限。`,
      `The site file cannot be read (${code}). Check the path and its permissions.`,
    );
  }
}

/** Checks a whole site file: syntax, schema, drivers' sections, references, and what only a driver can see. */
export function checkSite(text: string, file: string, context: SiteContext): { site: Site } | { problems: Problem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const report = new Report(file, document, lines);
  for (const error of document.errors) report.addAt(lines.linePos(error.pos[0]).line, '', ...syntaxSentences(error.message));
  if (document.errors.length > 0) return { problems: report.problems };
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    report.add([], `YAML 别名不允许使用：${String(error)}`, `YAML aliases are not allowed: ${String(error)}`);
    return { problems: report.problems };
  }
  const parsed = SiteFile.safeParse(value);
  if (!parsed.success) report.issues([], parsed.error);
  // The sections are checked even where the frame around them is wrong, so that one run shows everything.
  const frame = parsed.success ? parsed.data : partialFrame(value);
  const devices = bindDevices(frame, context, report);
  const ports = bindPorts(frame, devices, context, report);
  const linkage = bindLinkage(frame, devices, report);
  const snapshots = siteSnapshots(frame, devices, ports, report);
  if (report.problems.length > 0 || !parsed.success) return { problems: report.sorted() };
  return { site: build(parsed.data, { file, text }, ports, devices, { ...linkage, snapshots }) };
}

/** The parser's first line; the rest is a picture of the file, which is at hand. */
function syntaxSentences(message: string): [zh: string, en: string] {
  const said = (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
  return [
    `YAML 语法错误（${said}）。请检查这一行附近的缩进、引号和括号。`,
    `YAML syntax: ${said}. Look at the indentation, quotes and brackets near this line.`,
  ];
}

function bindDevices(frame: Frame, context: SiteContext, report: Report): ConfiguredDevice[] {
  const seen = new Set<string>();
  const bound: ConfiguredDevice[] = [];
  frame.devices.forEach((device, i) => {
    if (!device) return;
    const path = ['devices', i];
    if (seen.has(device.id)) report.add([...path, 'id'], `设备编号 ${device.id} 重复。`, `Device id ${device.id} is used twice.`);
    seen.add(device.id);
    checkParent(frame, device, path, report);
    const profile = boundProfile(profileOf(device, context, path, report), device, frame.gateway.zone, path, report);
    const port = frame.ports.find((each) => each?.id === device.port);
    if (!port)
      report.add(
        [...path, 'port'],
        `没有端口 ${device.port}。请在 ports 里声明它。`,
        `There is no port ${device.port}. Declare it under ports.`,
      );
    const driver = port && context.drivers.get(port.driver);
    if (!profile || !port || !driver) return;
    if (!driver.protocols.includes(profile.transport.protocol)) {
      report.add(
        [...path, 'port'],
        `档案 ${profile.id} 走 ${profile.transport.protocol}，端口 ${port.id} 是 ${driver.name}。`,
        `Profile ${profile.id} speaks ${profile.transport.protocol}, port ${port.id} is ${driver.name}.`,
      );
      return;
    }
    checkOverrides(device.alarms, profile, [...path, 'alarms'], report);
    const schema = driver.addressOf?.(profile.transport.protocol) ?? driver.address;
    const address = schema.safeParse(device.address);
    if (!address.success) return report.issues([...path, 'address'], address.error);
    const parts = partProfiles(
      profile,
      { profiles: context.profiles, zone: frame.gateway.zone, said: device.parts },
      path,
      report,
    );
    for (const [id, part] of parts)
      checkOverrides(device.parts[id]?.alarms ?? {}, part, [...path, 'parts', id, 'alarms'], report);
    bound.push({
      id: device.id,
      profile,
      parts,
      partOverrides: new Map(Object.entries(device.parts).map(([id, { alarms }]) => [id, overridesOf(alarms)])),
      address: address.data,
      port: device.port,
      name: device.name,
      place: device.place,
      hangsOn: device.parent,
      snapshot: device.snapshot,
      overrides: overridesOf(device.alarms),
    });
  });
  return bound;
}

function overridesOf(alarms: Overrides): Readonly<Record<string, RuleOverride>> {
  return Object.fromEntries(Object.entries(alarms).map(([id, { for: forMs, ...rest }]) => [id, { ...rest, forMs }]));
}

/** 上级设备 is there, and the way up from it does not come back. */
function checkParent({ devices }: Frame, device: DeviceSection, path: (string | number)[], report: Report): void {
  const { id, parent } = device;
  if (parent === undefined) return;
  const up = (of: string) => devices.find((each) => each?.id === of)?.parent;
  if (!devices.some((each) => each?.id === parent)) {
    report.add([...path, 'parent'], `没有设备 ${parent}。`, `There is no device ${parent}.`);
    return;
  }
  const way = new Set<string>();
  for (let next: string | undefined = parent; next !== undefined && !way.has(next); next = up(next)) way.add(next);
  if (way.has(id)) report.add([...path, 'parent'], `设备 ${id} 的上级绕回了它自己。`, `What ${id} hangs on hangs on ${id}.`);
}

function profileOf(device: DeviceSection, context: SiteContext, path: (string | number)[], report: Report): Profile | null {
  const profile = context.profiles.get(device.profile);
  if (!profile) {
    const near = nearest(device.profile, [...context.profiles.keys()]);
    const hint = near ? { zh: `想写 ${near}？`, en: ` Did you mean ${near}?` } : { zh: '', en: '' };
    report.add(
      [...path, 'profile'],
      `没有档案 ${device.profile}。${hint.zh}运行 yihu-gateway profile list 查看全部。`,
      `There is no profile ${device.profile}.${hint.en} Run yihu-gateway profile list to see them all.`,
    );
    return null;
  }
  if (device.variant === undefined) return profile;
  const variant = context.applyVariant(profile, device.variant);
  if (!variant) {
    const known = profile.variants.map((each) => each.id);
    report.add(
      [...path, 'variant'],
      `档案 ${profile.id} 没有变体 ${device.variant}${known.length > 0 ? `，有：${known.join('、')}` : '，它没有变体，请去掉 variant'}。`,
      `Profile ${profile.id} has no variant ${device.variant}; ${known.length > 0 ? `it has: ${known.join(', ')}` : 'it has none, leave variant out'}.`,
    );
  }
  return variant;
}

/** The profile as this device has it: with the installer's parameters, and the site's zone. */
function boundProfile(
  profile: Profile | null,
  { params }: DeviceSection,
  zone: string | undefined,
  path: (string | number)[],
  report: Report,
): Profile | null {
  if (!profile) return null;
  const bound = bindProfile(profile, { params, ...(zone !== undefined && { zone }) });
  if ('profile' in bound) return bound.profile;
  for (const {
    path: [first = '', ...rest],
    zh,
    en,
  } of bound.findings) {
    const isParam = Object.hasOwn(profile.params, first) || Object.hasOwn(params, first);
    const where = isParam ? '' : `${[first, ...rest].join('.')}: `;
    report.add([...path, 'params', ...(isParam ? [first] : [])], `${where}${zh}`, `${where}${en}`);
  }
  return null;
}

function checkOverrides(overrides: Overrides, profile: Profile, path: readonly (string | number)[], report: Report): void {
  for (const [id, override] of Object.entries(overrides)) {
    const rule = profile.alarms[id];
    if (!rule) {
      report.add([...path, id], `档案 ${profile.id} 没有告警 ${id}。`, `Profile ${profile.id} has no alarm ${id}.`);
      continue;
    }
    const above = 'above' in rule;
    if (!above && !('below' in rule)) {
      if (override.limit !== undefined || override.clear !== undefined)
        report.add([...path, id], `告警 ${id} 没有限值可改。`, `Alarm ${id} has no limit to change.`);
      continue;
    }
    const limit = override.limit ?? (above ? rule.above : rule.below);
    const clear = override.clear ?? rule.clear;
    if (above ? clear > limit : clear < limit)
      report.add(
        [...path, id, 'clear'],
        `恢复值 ${clear} 在限值 ${limit} 的错误一侧，告警永远不会恢复。`,
        `The clear value ${clear} is on the wrong side of the limit ${limit}; the alarm would never clear.`,
      );
  }
}

function bindPorts(frame: Frame, devices: readonly ConfiguredDevice[], context: SiteContext, report: Report): SitePort[] {
  const seen = new Set<string>();
  const holders = new Map<string, string>();
  return frame.ports.flatMap((section, i) => {
    if (!section) return [];
    const { id, driver: name, ...settings } = section;
    if (seen.has(id)) report.add(['ports', i, 'id'], `端口编号 ${id} 重复。`, `Port id ${id} is used twice.`);
    seen.add(id);
    const driver = context.drivers.get(name);
    if (!driver) {
      const known = [...context.drivers.keys()].join(', ');
      report.add(['ports', i, 'driver'], `没有驱动 ${name}，有：${known}。`, `There is no driver ${name}; there is: ${known}.`);
      return [];
    }
    const port = driver.port.safeParse(settings);
    if (!port.success) {
      report.issues(['ports', i], port.error);
      return [];
    }
    const held = driver.holds?.(port.data);
    const holder = held === undefined ? undefined : holders.get(held);
    if (holder !== undefined) {
      const zh = `${held} 已属于端口 ${holder}。一条线路只能有一个端口：请把这里的设备移到 ${holder}。`;
      report.add(
        ['ports', i],
        zh,
        `${held} belongs to port ${holder} already. A line has one port: move these devices to ${holder}.`,
      );
    } else if (held !== undefined) holders.set(held, id);
    const own = devices.filter((device) => device.port === id);
    for (const problem of driver.check(port.data, own)) report.add(locate(frame, problem.path, i), problem.zh, problem.en);
    return [{ id, driver, settings: port.data, devices: own }];
  });
}

/** A driver speaks of `devices.<id>.address.unit`; the file knows positions. */
function locate(frame: Frame, path: string, port: number): (string | number)[] {
  const [head, id, ...rest] = path.split('.');
  const position = head === 'devices' ? frame.devices.findIndex((device) => device?.id === id) : -1;
  return position >= 0 ? ['devices', position, ...rest] : ['ports', port, ...path.split('.').filter((part) => part !== '')];
}

/** A device as the cloud is told of it. */
export function inventoryEntry({ id, profile, name, place, hangsOn, overrides }: ConfiguredDevice): SiteDevice {
  const rules = ruleSettings(profile, overrides);
  return {
    id,
    profile: profile.id,
    name,
    place,
    ...(hangsOn === undefined ? {} : { parent: hangsOn }),
    ...(Object.keys(rules).length === 0 ? {} : { rules }),
  };
}

function build(
  file: z.output<typeof SiteFile>,
  { file: path, text }: Pick<Site, 'file' | 'text'>,
  ports: readonly SitePort[],
  devices: readonly ConfiguredDevice[],
  more: SiteLinkage & { readonly snapshots: SiteSnapshots },
): Site {
  const inventory = devices.map(inventoryEntry);
  // Limits of parts come with the parts; that they are others is news all the same.
  const ofParts = devices.flatMap(({ id, parts, partOverrides }) =>
    [...partOverrides].map(([part, overrides]) => [id, part, parts.get(part)?.params, overrides]),
  );
  const inventoryProfiles = siteProfiles(devices.flatMap((device) => [device.profile, ...device.parts.values()]));
  const colon = file.listen?.lastIndexOf(':') ?? -1;
  return {
    file: path,
    text,
    data: resolve(dirname(path), file.data),
    profileFolders: file.profiles.map((folder) => resolve(dirname(path), folder)),
    gateway: file.gateway,
    listen:
      file.listen === null
        ? null
        : { host: file.listen.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(file.listen.slice(colon + 1)) },
    uplink: file.uplink === 'on',
    privacy: file.privacy,
    storeBytes: file.store.maxMegabytes * 1024 * 1024,
    subnets: file.network.subnets,
    history: file.history,
    ports,
    devices,
    ...more,
    inventory,
    inventoryProfiles,
    inventoryHash: createHash('sha256')
      .update(JSON.stringify([inventory, inventoryProfiles, ...(ofParts.length === 0 ? [] : [ofParts])]))
      .digest('hex')
      .slice(0, 32),
  };
}
