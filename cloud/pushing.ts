import { createHash } from 'node:crypto';
import { parseDocument } from 'yaml';
import type { SiteProblem } from '@yihu/device-profiles/vocabulary/site-change.ts';
import { pushFaultSentences, type SitePush, type SiteSaid } from '@yihu/device-profiles/vocabulary/site-push.ts';
import type { GatewaySiteView } from '@yihu/device-profiles/vocabulary/site-push-view.ts';
import type { Clock } from './clock.ts';
import { limits } from './limits.ts';
import type { KeptEdit } from './records/device-rules.ts';
import type { PendingPush, SitePushRecords } from './records/site-pushes.ts';
import type { SiteSigner } from './registry/site-signing.ts';
import { checkSiteFiles } from './site-checker.ts';

export interface SiteDraft {
  readonly text: string;
  /** Profiles of the site's own, by their path beside the site file: `<folder>/<maker>/<model>.yaml`. */
  readonly profiles: readonly { readonly path: string; readonly text: string }[];
  /** SHA-256 of the site that is replaced; needed where what runs is not what was pushed last. */
  readonly base?: string | undefined;
  readonly withinMs?: number | undefined;
}

export type Pushed =
  | { readonly version: number }
  | { readonly problems: readonly SiteProblem[] }
  /** `unknown`: the gateway never said what it runs. `changed`: it runs another one than was pushed last. */
  | { readonly conflict: 'unknown' | 'changed'; readonly view: GatewaySiteView };

export interface PushingOptions {
  readonly records: SitePushRecords;
  readonly signer: SiteSigner;
  readonly clock: Clock;
}

/** 现场下发: takes a site for a gateway, refused whole with every problem. */
export async function pushSite(
  { records, signer, clock }: PushingOptions,
  gateway: string,
  draft: SiteDraft,
  by: { readonly id: string; readonly name: string },
): Promise<Pushed> {
  const view = await records.view(gateway);
  const base = draft.base ?? view.running?.sha256;
  if (base === undefined) return { conflict: 'unknown', view };
  if (draft.base === undefined && view.changedLocally) return { conflict: 'changed', view };
  if (view.running && draft.base !== undefined && draft.base !== view.running.sha256) return { conflict: 'changed', view };
  const { text, profiles } = placed(draft);
  const problems = [...otherGateway(text, gateway), ...(await checkSiteFiles({ text, profiles }))];
  if (problems.length > 0) return { problems };
  const at = clock.now();
  const expiresAt = at + limits.pushValidMs;
  const sha256 = createHash('sha256').update(text).digest('hex');
  const withinMs = draft.withinMs ?? 120_000;
  const name = by.name.slice(0, 100);
  const version = await records.add({ gateway, sha256, base, by: by.id, byName: name, at, expiresAt }, (next) => {
    const said: SitePush = {
      schema: 'yihu-site-push/1',
      gateway,
      version: next,
      base,
      text,
      profiles: [...profiles],
      withinMs,
      by: name,
      expiresAt,
    };
    const push = JSON.stringify(said);
    return { push, signature: signer.sign(push) };
  });
  if (version === null) throw new Error('a whole site supersedes what waits');
  return { version };
}

export type RulesSent = { readonly version: number } | { readonly conflict: 'unknown' | 'busy' };

/**
 * 阈值下发: limits of rules as a signed push of their own. The gateway sets them in the site file it runs, whatever else is in it,
 * and takes that as the one transaction it has; so the file is never read back, and a site changed on the spot is no hindrance.
 */
export async function pushRules(
  { records, signer, clock }: PushingOptions,
  gateway: string,
  edits: readonly KeptEdit[],
  by: { readonly id: string; readonly name: string },
): Promise<RulesSent> {
  const { running } = await records.view(gateway);
  if (running === null) return { conflict: 'unknown' };
  const at = clock.now();
  const expiresAt = at + limits.pushValidMs;
  const name = by.name.slice(0, 100);
  const { sha256: base } = running;
  const version = await records.add(
    { gateway, sha256: base, base, by: by.id, byName: name, at, expiresAt, rules: edits },
    (next, all) => {
      const said: SitePush = {
        schema: 'yihu-site-push/1',
        gateway,
        version: next,
        base,
        rules: all.map(({ device, alarm, set }) => ({ device, alarm, set })),
        profiles: [],
        withinMs: 60_000,
        by: name,
        expiresAt,
      };
      const push = JSON.stringify(said);
      return { push, signature: signer.sign(push) };
    },
  );
  return version === null ? { conflict: 'busy' } : { version };
}

/** Profiles go into a folder named by what they hold, and the site file names that folder. */
function placed({ text, profiles }: SiteDraft): Pick<SiteDraft, 'text' | 'profiles'> {
  if (profiles.length === 0) return { text, profiles };
  const hash = createHash('sha256').update(JSON.stringify(profiles)).digest('hex').slice(0, 16);
  const document = parseDocument(text);
  const folders = [...new Set(profiles.map(({ path }) => path.split('/')[0] ?? ''))];
  if (document.errors.length > 0) return { text, profiles };
  const own = document.createNode(folders.map((folder) => `.pushed/${hash}/${folder}`));
  document.set('profiles', own);
  return {
    text: document.toString({ lineWidth: 0 }),
    profiles: profiles.map(({ path, text: profile }) => ({ path: `.pushed/${hash}/${path}`, text: profile })),
  };
}

function otherGateway(text: string, gateway: string): SiteProblem[] {
  const document = parseDocument(text);
  const said: unknown = document.errors.length > 0 ? gateway : document.getIn(['gateway', 'id']);
  if (said === gateway) return [];
  return [
    {
      line: Math.max(1, text.split('\n').findIndex((line) => line.startsWith('gateway:')) + 1),
      path: 'gateway.id',
      zh: `这份现场文件是给 ${String(said)} 的，不是 ${gateway}。请核对网关。`,
      en: `This site file is for ${String(said)}, not for ${gateway}. Check which gateway is meant.`,
    },
  ];
}

export interface Delivery {
  /** A gateway said what it runs. Never rejects. */
  said(gateway: string, said: SiteSaid): Promise<void>;
  /** Sends what waits to whoever is connected; also by itself. */
  deliver(): Promise<void>;
  stop(): Promise<void>;
}

export interface DeliveryOptions {
  readonly records: SitePushRecords;
  readonly clock: Clock;
  /** False where the gateway is not connected. */
  readonly send: (gateway: string, payload: string) => boolean;
  readonly onError: (error: unknown) => void;
  readonly onFault: (gateway: string, fault: NonNullable<SiteSaid['fault']>) => void;
}

/** Waiting pushes go out when they are put, by whichever process, and again when their gateway comes back. */
export function startDelivery({ records, clock, send, onError, onFault }: DeliveryOptions): Delivery {
  const sent = new Map<string, { version: number; mono: number }>();
  const stopping = new AbortController();
  const offer = (push: PendingPush): void => {
    const last = sent.get(push.gateway);
    if (last?.version === push.version && clock.mono() - last.mono < limits.pushAgainMs) return;
    const { push: text, signature } = push;
    if (send(push.gateway, JSON.stringify({ push: text, signature })))
      sent.set(push.gateway, { version: push.version, mono: clock.mono() });
  };
  const deliver = async (gateway?: string): Promise<void> => {
    for (const push of await records.pending(clock.now())) if (gateway === undefined || push.gateway === gateway) offer(push);
  };
  const work = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await deliver().catch(onError);
      await clock.sleep(limits.pushPollMs, stopping.signal).catch(() => undefined);
    }
  };
  const working = work();
  const hear = async (gateway: string, said: SiteSaid): Promise<void> => {
    await records.said(gateway, said, clock.now());
    const { fault } = said;
    if (fault) {
      onFault(gateway, fault);
      return records.refuse(gateway, fault.version, pushFaultSentences[fault.code], clock.now());
    }
    // It has come back, or is done with one: what we sent before may be lost.
    const last = sent.get(gateway);
    if (last && last.version > said.version) sent.delete(gateway);
    return deliver(gateway);
  };
  return {
    said: (gateway, said) => hear(gateway, said).catch(onError),
    deliver: () => deliver().catch(onError),
    stop: async () => {
      stopping.abort(new Error('stopping'));
      await working;
    },
  };
}
