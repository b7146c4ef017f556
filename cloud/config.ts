import { existsSync, readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import path from 'node:path';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { type RetentionDays, retentionBounds, retentionOf, usualRetention } from './retention.ts';

/** What the cloud needs to know to start. Paths are absolute; `databaseUrl` null means the embedded PostgreSQL. */
export interface CloudConfig {
  readonly data: string;
  readonly listen: Endpoint;
  readonly uplinkListen: Endpoint;
  readonly databaseUrl: string | null;
  /** How browsers and gateways reach this server from outside, e.g. https://yihu.example.cn. */
  readonly publicUrl: string | null;
  readonly tls: { readonly key: string; readonly cert: string } | null;
  readonly metricsToken: string | null;
  /** The file with the keys that seal personal data; null keeps it in the data folder. */
  readonly peopleKeyFile: string | null;
  /** 集群: the broker gateways connect to, in place of our own listener; null means the listener. */
  readonly broker: BrokerConfig | null;
  /** 保存期限 in days, by what is kept. */
  readonly retention: RetentionDays;
  /** What this process does; a machine alone does all of it. */
  readonly roles: ReadonlySet<CloudRole>;
  /** Its name among the workers of one broker and one database; null means host and process. */
  readonly worker: string | null;
  /** Inner addresses that events may be pushed to. */
  readonly webhookPrivate: readonly string[];
  /** Whether dispatchers and administrators get in without a second factor. */
  readonly secondFactor: 'optional' | 'required';
  /** The channels file; null means `channels.yaml` in the data folder, where there is one. */
  readonly channels: string | null;
}

/** web: screens and API. accept: takes what gateways say. sweep: everything that runs by the clock, and tells people. */
const cloudRoles = ['web', 'accept', 'sweep'] as const;
export type CloudRole = (typeof cloudRoles)[number];

/** PEM texts; without an authority of its own the system's are asked. */
export interface BrokerConfig {
  readonly url: string;
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

export interface Endpoint {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
}

/** One thing wrong with the settings: where it stands, and a sentence with what to do. */
export interface ConfigProblem {
  readonly path: string;
  readonly message: Text;
}

export type ConfigResult =
  | { readonly ok: true; readonly config: CloudConfig }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

const fileBytes = 64 * 1024;

const listenPattern = /^(?:\[([0-9a-fA-F:]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/;
const listenSays = 'zh:应写作 主机:端口，如 127.0.0.1:8080|en:is written host:port, such as 127.0.0.1:8080';
const urlSays = 'zh:应是 http:// 或 https:// 开头的网址|en:is an address that begins with http:// or https://';
const databaseSays = 'zh:应写作 postgres://用户:密码@主机:端口/库名|en:is written postgres://user:password@host:port/database';

const brokerSays = 'zh:应写作 mqtts://主机:端口|en:is written mqtts://host:port';
const rolesSays = 'zh:应是 web、accept、sweep 中的几个，用逗号分开|en:is some of web, accept, sweep, with commas between';
const keepSays = `zh:应写作 calls=365,stories=1095；单位是天，范围：${retentionBounds()}|en:is written calls=365,stories=1095, in days, within ${retentionBounds()}`;
const workerSays = 'zh:由字母、数字和 . _ - 组成，最多 60 个|en:is up to 60 letters, digits, . _ -';
const addressesSay =
  'zh:应是逗号分开的 IP 地址，如 10.0.0.5,10.0.0.6|en:is a list of IP addresses with commas, such as 10.0.0.5,10.0.0.6';

function addressesIn(text: string): string[] {
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

const Listen = z.string().refine((text) => listenPattern.test(text) && portOf(text) <= 65_535, listenSays);

/** The settings as written: the same names in the file, as flags (`--uplink-listen`) and as environment (`YIHU_UPLINK_LISTEN`). */
export const Settings = z.strictObject({
  data: z.string().min(1).optional(),
  listen: Listen.optional(),
  uplinkListen: Listen.optional(),
  databaseUrl: z
    .string()
    .refine((text) => /^postgres(ql)?:\/\//.test(text) && URL.canParse(text), databaseSays)
    .optional(),
  publicUrl: z
    .string()
    .refine((text) => /^https?:\/\//.test(text) && URL.canParse(text), urlSays)
    .optional(),
  tlsCert: z.string().min(1).optional(),
  tlsKey: z.string().min(1).optional(),
  metricsTokenFile: z.string().min(1).optional(),
  peopleKeyFile: z.string().min(1).optional(),
  webhookPrivate: z
    .string()
    .refine((text) => addressesIn(text).every((one) => isIP(one) !== 0), addressesSay)
    .optional(),
  secondFactor: z.enum(['optional', 'required'], 'zh:应是 optional 或 required|en:is optional or required').optional(),
  channels: z.string().min(1).optional(),
  broker: z
    .string()
    .refine((text) => /^mqtts?:\/\//.test(text) && URL.canParse(text), brokerSays)
    .optional(),
  brokerCa: z.string().min(1).optional(),
  brokerCert: z.string().min(1).optional(),
  brokerKey: z.string().min(1).optional(),
  role: z
    .string()
    .refine((text) => rolesOf(text) !== null, rolesSays)
    .optional(),
  keep: z
    .string()
    .refine((text) => retentionOf(text) !== null, keepSays)
    .optional(),
  worker: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,60}$/, workerSays)
    .optional(),
});
export type Settings = z.infer<typeof Settings>;

/** Every problem at once, or the settings: flags before environment before file. */
export function readConfig(
  flags: Readonly<Record<string, string | undefined>>,
  environment: Readonly<Record<string, string | undefined>>,
  file: string | undefined,
): ConfigResult {
  const problems: ConfigProblem[] = [];
  const fromFile = file === undefined ? {} : readSettingsFile(file, problems);
  const written = { ...fromFile, ...fromEnvironment(environment), ...defined(flags) };
  const parsed = Settings.safeParse(written);
  if (!parsed.success) problems.push(...parsed.error.issues.flatMap((issue) => issueOf(issue)));
  const settings = parsed.success ? parsed.data : {};
  const tls = readTls(settings, problems);
  const metricsToken = readToken(settings.metricsTokenFile, problems);
  const broker = readBroker(settings, problems);
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    config: {
      data: path.resolve(settings.data ?? '.yihu/cloud'),
      listen: endpointOf(settings.listen ?? '127.0.0.1:8080'),
      uplinkListen: endpointOf(settings.uplinkListen ?? '0.0.0.0:8883'),
      databaseUrl: settings.databaseUrl ?? null,
      publicUrl: settings.publicUrl ?? null,
      tls,
      metricsToken,
      peopleKeyFile: settings.peopleKeyFile === undefined ? null : path.resolve(settings.peopleKeyFile),
      broker,
      roles: rolesOf(settings.role ?? cloudRoles.join(',')) ?? new Set(cloudRoles),
      worker: settings.worker ?? null,
      retention: retentionOf(settings.keep ?? '') ?? usualRetention,
      webhookPrivate: addressesIn(settings.webhookPrivate ?? ''),
      secondFactor: settings.secondFactor ?? 'optional',
      channels: settings.channels === undefined ? null : path.resolve(settings.channels),
    },
  };
}

function defined(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined));
}

function fromEnvironment(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const names = Object.keys(Settings.shape);
  return defined(Object.fromEntries(names.map((name) => [name, environment[environmentName(name)]])));
}

/** uplinkListen → YIHU_UPLINK_LISTEN */
function environmentName(name: string): string {
  return `YIHU_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

function portOf(text: string): number {
  return Number(listenPattern.exec(text)?.[3]);
}

export function endpointOf(text: string): Endpoint {
  const [, six, host] = listenPattern.exec(text) ?? [];
  return { host: six ?? host ?? '127.0.0.1', port: portOf(text) };
}

function readSettingsFile(file: string, problems: ConfigProblem[]): Record<string, unknown> {
  const text = readTextFile(file, 'file', problems);
  if (text === null) return {};
  const document = parseDocument(text, { schema: 'core', uniqueKeys: true });
  const [error] = document.errors;
  if (error) {
    problems.push({
      path: file,
      message: { zh: `不是有效的 YAML：${error.message}`, en: `is not valid YAML: ${error.message}` },
    });
    return {};
  }
  const value: unknown = document.toJS({ maxAliasCount: 0 }) ?? {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  problems.push({ path: file, message: { zh: '应是“名称: 值”的列表。', en: 'must be a list of `name: value`.' } });
  return {};
}

function readTextFile(file: string, where: string, problems: ConfigProblem[]): string | null {
  try {
    if (statSync(file).size > fileBytes) throw new Error('larger than 64 KB');
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    problems.push({ path: where, message: { zh: `读不了 ${file}：${why}`, en: `cannot read ${file}: ${why}` } });
    return null;
  }
}

function readTls(settings: Settings, problems: ConfigProblem[]): CloudConfig['tls'] {
  const { tlsCert, tlsKey } = settings;
  if (tlsCert === undefined && tlsKey === undefined) return null;
  if (tlsCert === undefined || tlsKey === undefined) {
    const missing = tlsCert === undefined ? 'tlsCert' : 'tlsKey';
    problems.push({ path: missing, message: { zh: '证书和私钥要一起给出。', en: 'certificate and key are given together.' } });
    return null;
  }
  const cert = readTextFile(tlsCert, 'tlsCert', problems);
  const key = readTextFile(tlsKey, 'tlsKey', problems);
  return cert === null || key === null ? null : { cert, key };
}

/** Null where a word is none of the roles, or nothing is left. */
function rolesOf(text: string): Set<CloudRole> | null {
  const words = text.split(',').map((word) => word.trim());
  const roles = words.map((word) => cloudRoles.find((role) => role === word));
  return roles.includes(undefined) ? null : new Set(roles.filter((role) => role !== undefined));
}

function readBroker(settings: Settings, problems: ConfigProblem[]): BrokerConfig | null {
  const { broker, brokerCa, brokerCert, brokerKey } = settings;
  const read = (file: string | undefined, at: string) =>
    file === undefined ? undefined : (readTextFile(file, at, problems) ?? undefined);
  const [ca, cert, key] = [read(brokerCa, 'brokerCa'), read(brokerCert, 'brokerCert'), read(brokerKey, 'brokerKey')];
  if (broker === undefined && (brokerCa ?? brokerCert ?? brokerKey) !== undefined)
    problems.push({ path: 'broker', message: { zh: '没有写明消息服务器。', en: 'the broker itself is not named.' } });
  if ((brokerCert === undefined) !== (brokerKey === undefined))
    problems.push({
      path: brokerCert === undefined ? 'brokerCert' : 'brokerKey',
      message: { zh: '证书和私钥要一起给出。', en: 'certificate and key are given together.' },
    });
  return broker === undefined ? null : { url: broker, ca, cert, key };
}

function readToken(file: string | undefined, problems: ConfigProblem[]): string | null {
  if (file === undefined) return null;
  const token = readTextFile(file, 'metricsTokenFile', problems)?.trim();
  if (token !== undefined && existsSync(file) && (statSync(file).mode & 0o007) !== 0) {
    problems.push({
      path: 'metricsTokenFile',
      message: { zh: `${file} 人人可读，请先 chmod 600。`, en: `${file} can be read by everybody; run chmod 600 on it first.` },
    });
  }
  if (token === undefined || token.length >= 24) return token ?? null;
  problems.push({
    path: 'metricsTokenFile',
    message: { zh: '令牌至少 24 个字符。', en: 'the token has at least 24 characters.' },
  });
  return null;
}

/** Our own sentences carry both languages; zod's are for whoever reads English. */
function issueOf(issue: z.core.$ZodIssue): ConfigProblem[] {
  const at = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const names = Object.keys(Settings.shape).join(', ');
    return issue.keys.map((key) => ({
      path: at === '' ? key : `${at}.${key}`,
      message: { zh: `没有这个设置；可用的有：${names}`, en: `is not a setting; there are: ${names}` },
    }));
  }
  const [, zh, en] = /^zh:(.*)\|en:(.*)$/.exec(issue.message) ?? [];
  return [{ path: at, message: { zh: zh ?? issue.message, en: en ?? issue.message } }];
}
