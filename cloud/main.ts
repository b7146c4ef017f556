import type { AddressInfo } from 'node:net';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { loadLibrary } from '@yihu/device-profiles/library/load.ts';
import type { Witness } from '@yihu/device-profiles/vocabulary/witness.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { type AnswerTokens, answerTokens, homeTokens } from './call/token.ts';
import { phoneChannels } from './call-ways.ts';
import { createCalling } from './calling.ts';
import { type Clock, systemClock } from './clock.ts';
import type { CloudConfig, CloudRole } from './config.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import { demoArea, demoAreas } from './demo-areas.ts';
import { limits } from './limits.ts';
import { createLog } from './log.ts';
import { cloudMetrics } from './measure.ts';
import { type Engine, openEngine } from './open-database.ts';
import type { Receipt } from './notify/action.ts';
import { type Channels, openChannels } from './notify/channels.ts';
import { openRegistryDesk } from './open-registry.ts';
import { type Pipeline, startPipeline } from './pipeline.ts';
import { pushRules, pushSite } from './pushing.ts';
import { tryRule } from './trying.ts';
import { apiKeyRecords } from './records/api-keys.ts';
import { areaRecords } from './records/areas.ts';
import { floorPlanRecords } from './records/floor-plans.ts';
import { listCheckpoints } from './records/audit-checkpoints.ts';
import { auditRecords } from './records/audit.ts';
import { type Database, openMigratedDatabase } from './records/database.ts';
import type { Records } from './records/records.ts';
import { factorRecords } from './records/factors.ts';
import { sitePushRecords } from './records/site-pushes.ts';
import { userRecords } from './records/users.ts';
import { type AuditSigner, openAuditSigner } from './registry/audit-signing.ts';
import { openPki, type Pki } from './registry/pki.ts';
import { openSiteSigner, type SiteSigner } from './registry/site-signing.ts';
import { createRegistry, type Registry } from './registry/registry.ts';
import { everywhere } from './registry/rights.ts';
import { createApiKeys } from './registry/api-keys.ts';
import { createFactors } from './registry/factors.ts';
import type { Sealer } from './registry/sealing.ts';
import { createAccounts } from './registry/users.ts';
import { type FirstAccount, firstStart } from './registry/users-first.ts';
import { createPasswords } from './registry/users-passwords.ts';
import { createErrands } from './errands.ts';
import { createResidents } from './residents.ts';
import { readRunFile, removeRunFile, type RunFile, writeRunFile } from './run-file.ts';
import { channelsProblem, databaseProblem, dataProblem, inUseProblem, listenProblem } from './start-problem.ts';
import { startWebhooks, type Webhooks } from './webhooks.ts';
import { signedBy } from './signing.ts';
import { errandTokens } from './task/link.ts';
import { createTelling } from './telling.ts';
import { openUplink, show, type Uplink } from './uplink.ts';
import type { RouteAccess } from './web/access.ts';
import { buildWeb, type Web } from './web/server.ts';

export interface CloudOptions extends Partial<CloudConfig> {
  readonly data: string;
  /** How long a gateway's certificate is good for. Default: ninety days. */
  readonly gatewayCertificateMs?: number | undefined;
  /** Makes the demonstration's area tree where there is none. */
  readonly demo?: boolean;
  /** Folder of the built screens; the repository's own where not given, null for none. */
  readonly screens?: string | null;
  readonly clock?: Clock;
  readonly log?: ReturnType<typeof createLog>;
  /** The embedded database ended by itself: nothing can be kept any more, so the process should end and be started again. */
  readonly onDeath?: (error: Error) => void;
}

export interface RunningCloud {
  /** Where browsers go. */
  readonly url: string;
  /** Where gateways connect: `mqtts://host:port`. */
  readonly uplinkUrl: string;
  /** The first accounts with their passwords, at the first start only: shown once, kept nowhere. */
  readonly accounts: readonly FirstAccount[] | null;
  /** The authority that signs gateways, PEM. */
  readonly ca: string;
  readonly records: Records;
  /** Every route with who may come in by it. */
  readonly routes: readonly RouteAccess[];
  stop(): Promise<void>;
}

const screensFolder = path.resolve(import.meta.dirname, '../dashboards/dist');

/** Things opened, in order; closed in reverse, also when a later one fails to open. */
class Closing {
  readonly #steps: (() => Promise<void> | void)[] = [];

  add(step: () => Promise<void> | void): void {
    this.#steps.push(step);
  }

  async run(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) await step();
  }
}

/** Database → authority → pipeline → listener → web. @throws StartProblem with a sentence for whoever started it. */
export async function startCloud(options: CloudOptions): Promise<RunningCloud> {
  const closing = new Closing();
  try {
    return await bringUp(options, closing);
  } catch (error) {
    await closing.run();
    throw error;
  }
}

async function bringUp(options: CloudOptions, closing: Closing): Promise<RunningCloud> {
  const clock = options.clock ?? systemClock;
  const log = options.log ?? createLog('info');
  const data = await openDataFolder(path.resolve(options.data)).catch((error: unknown) => {
    throw dataProblem(options.data, error);
  });
  const running = await readRunFile(data.folder);
  if (running !== null) throw inUseProblem(data.folder);
  const onDeath = options.onDeath ?? throwLater;
  // The database comes up in a process of its own; the library is read meanwhile.
  const reading = readProfiles(log);
  const engine = await openEngine({ data, databaseUrl: options.databaseUrl ?? null, clock, log, onDeath });
  closing.add(() => engine.stop());
  const database = await openRecordsOf(engine, log);
  closing.add(() => database.close());
  const desk = await openRegistryDesk({ database, clock, keyFile: options.peopleKeyFile ?? data.peopleKey });
  const pki = await openPki({ folder: data.pki, clock, lifeMs: options.gatewayCertificateMs });
  const profiles = await reading;
  const receipts: { take?: (channel: string, receipt: Receipt) => void } = {};
  const channels = await openOwnChannels(options, data, clock, (channel, receipt) => receipts.take?.(channel, receipt));
  closing.add(() => channels.close());
  const registry = createRegistry(desk);
  const tokens = answerTokens(data.secret);
  const errands = errandTokens(data.secret);
  const publicUrl = options.publicUrl ?? null;
  const auditSigner = await openAuditSigner(data.pki);
  const siteSigner = await openSiteSigner(data.pki);
  const { reach } = registry;
  const does = (role: CloudRole): boolean => options.roles?.has(role) ?? true;
  const { worker = null } = options;
  const given = { auditSigner, database, profiles, clock, log, channels, publicUrl, reach, tokens, errands };
  const pipeline = await startPipeline({
    ...given,
    worker,
    sweeps: does('sweep'),
    ...(options.retention && { retention: options.retention }),
  });
  closing.add(() => pipeline.stop());
  receipts.take = (channel, receipt) =>
    void pipeline.deliveries
      .receipt(channel, receipt, clock.now())
      .catch((error: unknown) => log.error({ err: error, channel }, 'a receipt could not be kept'));
  const { sealer } = desk;
  const onStream = (wake: () => void) => pipeline.records.onStream(wake);
  const allowPrivate = options.webhookPrivate ?? [];
  const webhooks = startWebhooks({ db: database.db, sealer, clock, log, onStream, allowPrivate, sends: does('sweep') });
  closing.add(() => webhooks.stop());
  const signers = { auditSigner, siteSigner, sealer, webhooks };
  const parts: Parts = { options, clock, log, data, database, pki, profiles, pipeline, channels, registry, tokens, ...signers };
  if (options.demo === true) await makeDemoAreas(pipeline.records);
  const uplink = await openUplink({ ...parts, closing: (step) => closing.add(step) }, does('accept'));
  const web = await openWeb(parts, uplink);
  closing.add(() => web.close());
  const url = does('web') ? await listenWeb(web, options) : '';
  await writeRunFile(data.folder, { url, connection: runConnection(engine) });
  closing.add(() => removeRunFile(data.folder));
  // Last: a start that fails must not have made accounts whose passwords nobody was shown.
  const accounts = await makeFirstAccounts(parts);
  return {
    url,
    uplinkUrl: does('accept') ? uplink.url('localhost') : '',
    accounts,
    ca: pki.caPem,
    records: pipeline.records,
    routes: web.routes,
    stop: () => closing.run(),
  };
}

/** The embedded server's connection, for the command line beside us; an external one is named by whoever uses it. */
function runConnection({ connection }: Engine): RunFile['connection'] {
  if (typeof connection === 'string') return '';
  const { host, port, user, password = '', database } = connection;
  return { host, port, user, password, database };
}

function throwLater(error: Error): void {
  queueMicrotask(() => {
    throw error;
  });
}

interface Parts {
  readonly options: CloudOptions;
  readonly clock: Clock;
  readonly log: ReturnType<typeof createLog>;
  readonly data: DataFolder;
  readonly database: Database;
  readonly pki: Pki;
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly pipeline: Pipeline;
  readonly channels: Channels;
  readonly registry: Registry;
  readonly tokens: AnswerTokens;
  readonly auditSigner: AuditSigner;
  readonly siteSigner: SiteSigner;
  readonly sealer: Sealer;
  readonly webhooks: Webhooks;
}

/** @throws StartProblem with every problem of the channels file. */
async function openOwnChannels(
  options: CloudOptions,
  data: DataFolder,
  clock: Clock,
  onReceipt: (channel: string, receipt: Receipt) => void,
): Promise<Channels> {
  const file = options.channels ?? path.join(data.folder, 'channels.yaml');
  if (options.channels != null && !existsSync(file))
    throw channelsProblem(file, [{ path: '', message: { zh: '没有这个文件', en: 'There is no such file' } }]);
  const opened = await openChannels(file, { clock, onReceipt });
  if ('problems' in opened) throw channelsProblem(file, opened.problems);
  return opened;
}

/** @throws StartProblem where the database refuses us or cannot be brought to the newest shape. */
async function openRecordsOf({ connection }: Engine, log: Parts['log']): Promise<Database> {
  const onLost = (error: Error): void => log.warn({ err: error }, 'a database connection was lost');
  return openMigratedDatabase(connection, onLost).catch((error: unknown) => {
    throw databaseProblem(error);
  });
}

async function readProfiles(log: Parts['log']): Promise<ReadonlyMap<string, Profile>> {
  const { profiles, problems } = await loadLibrary();
  for (const problem of problems) log.warn({ problem }, 'a profile of the library is not valid and is left out');
  return new Map([...profiles].map(([id, { profile }]) => [id, profile]));
}

async function makeDemoAreas(records: Pipeline['records']): Promise<void> {
  const hasAreas = (await records.listAreas({ areas: [everywhere] })).length > 0;
  if (!hasAreas) for (const area of demoAreas) await records.putArea(area);
}

/** At the first start; null where there are accounts. */
async function makeFirstAccounts({ options, database, clock }: Parts): Promise<readonly FirstAccount[] | null> {
  const users = userRecords(database.db);
  const first = await firstStart(users, createPasswords(), clock, options.demo === true ? demoArea : null);
  return first?.accounts ?? null;
}

function openWeb(parts: Parts, { accept, admission, delivery, url }: Uplink): Promise<Web> {
  const { options, clock, log, database, profiles, pipeline, channels } = parts;
  const { records } = pipeline;
  const { db } = database;
  const publicUrl = options.publicUrl ? new URL(options.publicUrl) : null;
  const pushes = sitePushRecords(db);
  const accounts = createAccounts(userRecords(db), createPasswords(), clock, options.secondFactor);
  const calls = createCalling({
    desk: pipeline.calls,
    reach: parts.registry.reach,
    tokens: parts.tokens,
    phoneChannels: phoneChannels(channels),
  });
  return buildWeb({
    records,
    accounts,
    webhooks: parts.webhooks,
    apiKeys: createApiKeys(apiKeyRecords(db), clock),
    factors: createFactors(factorRecords(db), parts.sealer, clock),
    areas: areaRecords(db, clock),
    floorPlans: floorPlanRecords(db, clock),
    registry: parts.registry,
    audit: {
      ...auditRecords(db),
      publicKey: parts.auditSigner.publicKey,
      signed: (document) => signedBy(parts.auditSigner, document),
      checkpoints: (after) => listCheckpoints(db, after, limits.auditPage),
    },
    gateways: {
      exists: (gateway) => admission.exists(gateway),
      offer: (gateway, by) => admission.offer(gateway, by),
      claim: (code, csr) => admission.claim(code, csr),
      revoke: async (gateway) => {
        await records.revokeGateway(gateway);
        await admission.revoke(gateway);
      },
      siteKey: parts.siteSigner.publicKey,
      uplinkUrl: url,
    },
    sites: {
      view: (gateway) => pushes.view(gateway),
      preview: (wanted) => tryRule({ database, clock }, wanted),
      setRules: async (gateway, edits, by) => {
        const done = await pushRules({ records: pushes, signer: parts.siteSigner, clock }, gateway, edits, by);
        if ('version' in done) await delivery.deliver();
        return done;
      },
      push: async (gateway, draft, by) => {
        const done = await pushSite({ records: pushes, signer: parts.siteSigner, clock }, gateway, draft, by);
        if ('version' in done) await delivery.deliver();
        return done;
      },
    },
    telling: createTelling({
      db,
      channels,
      deliveries: pipeline.deliveries,
      clock,
      onReply: (channel, reply) =>
        calls.reply(channel, channels.all.get(channel)?.action === 'voice-http' ? 'voice' : 'sms', reply),
    }),
    tasks: pipeline.tasks,
    incidentDesk: pipeline.incidentDesk,
    duty: pipeline.duty,
    calls,
    cap: pipeline.cap,
    witness: ({ gateway, device, episode }, step, by) =>
      void accept?.send(gateway, 'witness', JSON.stringify({ device, episode, step, by } satisfies Witness)),
    errands: createErrands(pipeline.calls, errandTokens(parts.data.secret)),
    residents: createResidents({ desk: pipeline.calls, homes: homeTokens(parts.data.secret), answers: parts.tokens }),
    profile: (id) => profileView(profiles.get(id)),
    metrics: () => cloudMetrics(records, accept),
    clock,
    logger: log,
    tls: options.tls ?? null,
    secure: options.tls != null || publicUrl?.protocol === 'https:',
    publicHost: publicUrl?.host ?? null,
    publicOrigin: publicUrl?.origin ?? null,
    metricsToken: options.metricsToken ?? null,
    screens: options.screens === undefined ? builtScreens() : options.screens,
  });
}

function builtScreens(): string | null {
  return existsSync(path.join(screensFolder, 'index.html')) ? screensFolder : null;
}

async function listenWeb(web: Web, options: CloudOptions): Promise<string> {
  const endpoint = options.listen ?? { host: '127.0.0.1', port: 8080 };
  await web.listen(endpoint.host, endpoint.port).catch((error: unknown) => {
    throw listenProblem(show(endpoint), '--listen', error);
  });
  const { port } = web.app.server.address() as AddressInfo;
  const scheme = options.tls == null ? 'http' : 'https';
  return options.publicUrl ?? `${scheme}://${show({ host: named(endpoint.host), port })}`;
}

/** An address people can open: "everywhere" is no place to go. */
function named(host: string): string {
  return host === '0.0.0.0' || host === '::' ? 'localhost' : host;
}

function profileView(profile: Profile | undefined) {
  if (profile === undefined) return undefined;
  const { id, version, name, maker, model, category } = profile;
  const points = Object.entries(profile.points).map(([point, { name, unit, kind }]) => ({ id: point, name, unit, kind }));
  return { id, version, name, maker, model, category, points };
}
