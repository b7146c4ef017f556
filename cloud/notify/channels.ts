import { existsSync, readFileSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { type Action, type Channel, ChannelProblem, type Reach, type Receipt } from './action.ts';
import { createHttpClient, type HttpClient } from './http-client.ts';

/**
 * 渠道文件 `channels.yaml`: which ways to people this installation has, and in what order they are tried. Read once at the
 * start, whole or not at all.
 */
const Id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1–32 of a-z 0-9 -');

/** Steps in order; the channels of one step are used at once, the next step when none of them reached the person. */
const Ladder = z.array(z.array(Id).min(1).max(4)).max(6);

export const ChannelsFile = z.strictObject({
  schema: z.literal('yihu-channels/1'),
  channels: z
    .array(
      z.strictObject({
        id: Id,
        action: z.string(),
        /** Once a month a test message goes here, so that a channel that died is noticed before it is needed. */
        test: z
          .strictObject({ address: z.string().max(2_000).default(''), name: z.string().max(64).default('渠道自检') })
          .optional(),
        settings: z.record(z.string(), z.unknown()).default({}),
      }),
    )
    .max(32),
  ladders: z.strictObject({ lifeSafety: Ladder.default([]), other: Ladder.default([]) }).prefault({}),
  /** Private addresses that a channel may contact nevertheless. */
  allowPrivate: z
    .array(z.union([z.ipv4(), z.ipv6()]))
    .max(16)
    .default([]),
});
export type ChannelsFile = z.output<typeof ChannelsFile>;

export interface ChannelFinding {
  /** Such as `channels.0.settings.url`. */
  readonly path: string;
  readonly message: Text;
}

export interface OpenChannel {
  readonly id: string;
  readonly action: string;
  readonly reaches: Reach;
  readonly test: { readonly address: string; readonly name: string } | undefined;
  readonly channel: Channel;
}

export interface Channels {
  readonly all: ReadonlyMap<string, OpenChannel>;
  readonly ladders: ChannelsFile['ladders'];
  /** Inner addresses that may be contacted nevertheless. */
  readonly allowPrivate: readonly string[];
  close(): Promise<void>;
}

export const noChannels: Channels = {
  all: new Map(),
  ladders: { lifeSafety: [], other: [] },
  allowPrivate: [],
  close: () => Promise.resolve(),
};

/** Every file of `actions/` is an action; nothing else knows their names. */
export async function loadActions(folder = new URL('./actions/', import.meta.url)): Promise<Map<string, Action>> {
  const found = new Map<string, Action>();
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.ts')).sort()) {
    const { action } = (await import(new URL(file, folder).href)) as { action: Action };
    found.set(action.name, action);
  }
  return found;
}

export interface ChannelsOptions {
  readonly clock: Clock;
  readonly onReceipt: (channel: string, receipt: Receipt) => void;
  /** For tests: another client. */
  readonly http?: HttpClient;
}

/** Reads and opens the channels of `file`; every problem of it at once, and then none is open. A missing file means none. */
export async function openChannels(file: string, options: ChannelsOptions): Promise<Channels | { problems: ChannelFinding[] }> {
  if (!existsSync(file)) return noChannels;
  const read = readChannels(readFileSync(file, 'utf8'), await loadActions());
  if ('problems' in read) return read;
  const http = options.http ?? createHttpClient({ allowPrivate: read.file.allowPrivate, timeoutMs: 5_000 });
  const problems: ChannelFinding[] = [];
  const all = new Map<string, OpenChannel>();
  for (const [index, { id, test, action, settings }] of read.channels.entries()) {
    try {
      const channel = action.open(settings, {
        clock: options.clock,
        http,
        secret: (name) => readSecret(path.resolve(path.dirname(file), name)),
        onReceipt: (receipt) => options.onReceipt(id, receipt),
      });
      all.set(id, { id, action: action.name, reaches: action.reaches, test, channel });
    } catch (error) {
      if (!(error instanceof ChannelProblem)) throw error;
      problems.push({ path: `channels.${index}.settings`, message: { zh: error.zh, en: error.en } });
    }
  }
  const close = async () => {
    await Promise.all([...all.values()].map(({ channel }) => channel.close()));
    http.close();
  };
  if (problems.length === 0) return { all, ladders: read.file.ladders, allowPrivate: read.file.allowPrivate, close };
  await close();
  return { problems };
}

interface ReadChannel {
  readonly id: string;
  readonly test: { address: string; name: string } | undefined;
  readonly action: Action;
  readonly settings: unknown;
}

/** The file against the schema and each channel against its action's. */
function readChannels(
  text: string,
  actions: ReadonlyMap<string, Action>,
): { file: ChannelsFile; channels: ReadChannel[] } | { problems: ChannelFinding[] } {
  const data = dataOf(text);
  if ('problem' in data) return { problems: [data.problem] };
  const parsed = ChannelsFile.safeParse(data.data);
  if (!parsed.success) return { problems: parsed.error.issues.map((issue) => issueOf(issue, [])) };
  const file = parsed.data;
  const problems: ChannelFinding[] = [...doubles(file), ...ladderProblems(file)];
  const channels = file.channels.flatMap(({ id, action: name, test, settings }, index): ReadChannel[] => {
    const action = actions.get(name);
    if (action === undefined) {
      const known = [...actions.keys()].join(', ');
      problems.push(
        finding(
          `channels.${index}.action`,
          `没有渠道类型 ${name}，有：${known}`,
          `There is no action ${name}; there is: ${known}`,
        ),
      );
      return [];
    }
    const checked = action.settings.safeParse(settings);
    if (checked.success) return [{ id, test, action, settings: checked.data }];
    problems.push(...checked.error.issues.map((issue) => issueOf(issue, ['channels', index, 'settings'])));
    return [];
  });
  return problems.length > 0 ? { problems } : { file, channels };
}

function dataOf(text: string): { data: unknown } | { problem: ChannelFinding } {
  const wrong = (detail: string) => ({ problem: finding('', `YAML 写法有误：${detail}`, `This is not valid YAML: ${detail}`) });
  const document = parseDocument(text, { version: '1.2', schema: 'core', uniqueKeys: true });
  const [syntax] = document.errors;
  if (syntax) return wrong(syntax.message);
  try {
    return { data: document.toJS({ maxAliasCount: 0 }) as unknown };
  } catch (error) {
    // Aliases are not followed: nothing unfolds.
    if (error instanceof ReferenceError) return wrong(error.message);
    throw error;
  }
}

function doubles({ channels }: ChannelsFile): ChannelFinding[] {
  return channels.flatMap(({ id }, index) =>
    channels.findIndex((each) => each.id === id) === index
      ? []
      : [finding(`channels.${index}.id`, `渠道编号 ${id} 重复`, `The channel id ${id} is used twice`)],
  );
}

function ladderProblems({ channels, ladders }: ChannelsFile): ChannelFinding[] {
  const known = new Set(channels.map(({ id }) => id));
  const findings = Object.entries(ladders).flatMap(([name, steps]) =>
    steps.flatMap((step, index) =>
      step
        .filter((id) => !known.has(id))
        .map((id) => finding(`ladders.${name}.${index}`, `没有渠道 ${id}`, `There is no channel ${id}`)),
    ),
  );
  if (channels.length > 0 && ladders.lifeSafety.length === 0)
    findings.push(
      finding(
        'ladders.lifeSafety',
        '没有写生命安全告警走哪些渠道；请至少写一级，最好第一级就有两个渠道',
        'Nothing says by which channels life-safety alarms go; write at least one step, best with two channels in the first',
      ),
    );
  return findings;
}

function finding(at: string, zh: string, en: string): ChannelFinding {
  return { path: at, message: { zh, en } };
}

function issueOf(issue: z.core.$ZodIssue, above: readonly PropertyKey[]): ChannelFinding {
  const chinese = z.locales.zhCN().localeError(issue as z.core.$ZodRawIssue);
  const zh = typeof chinese === 'string' ? chinese : (chinese?.message ?? issue.message);
  return finding([...above, ...issue.path].map(String).join('.'), zh, issue.message);
}

const secretBytes = 8 * 1024;

/** A secret's file must belong to whoever runs this, and to nobody else. @throws ChannelProblem */
function readSecret(file: string): string {
  try {
    const { mode, size } = statSync(file);
    if ((mode & 0o077) !== 0)
      throw new ChannelProblem(`${file} 别人也能读；请运行 chmod 600 ${file}`, `Others can read ${file}; run chmod 600 ${file}`);
    if (size === 0 || size > secretBytes) throw new ChannelProblem(`${file} 是空的或过大`, `${file} is empty or too large`);
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (error instanceof ChannelProblem) throw error;
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new ChannelProblem(`读不到密钥文件 ${file}（${code}）`, `The secret file ${file} cannot be read (${code})`);
  }
}
