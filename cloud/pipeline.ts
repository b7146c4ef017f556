import { type Duty, openDuty } from './records/duty.ts';
import { hostname } from 'node:os';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Ingest, PictureIngest } from './accept/ingest.ts';
import { addressBook } from './address-book.ts';
import type { AnswerTokens } from './call/token.ts';
import { waysOf } from './call-ways.ts';
import type { Clock, Timer } from './clock.ts';
import { Deliverer } from './delivering.ts';
import { forgetAudited, forgetQuick } from './forgetting.ts';
import { type Channels, noChannels } from './notify/channels.ts';
import { stepSilent } from './records/call-silent.ts';
import { tallyCalls } from './records/call-tally.ts';
import { tallyDeliveries } from './records/call-told.ts';
import { beginCalls, type CallDesk, sendWaves } from './records/call-waves.ts';
import { testChannels } from './records/channel-tests.ts';
import type { Database } from './records/database.ts';
import { createDeliveries, type Deliveries } from './records/deliveries.ts';
import { watchGateways } from './records/gateway-watch.ts';
import { createIngest } from './records/ingest.ts';
import { signAudit } from './records/audit-checkpoints.ts';
import { type CapDesk, openCapDesk } from './records/cap-desk.ts';
import { openRecords } from './records/open-records.ts';
import type { Records } from './records/records.ts';
import { createPictures } from './records/snapshot-pictures.ts';
import { type Swept, sweep } from './records/sweep.ts';
import { createSweeper } from './records/sweeper.ts';
import { type IncidentDesk, openIncidentDesk } from './records/incident-desk.ts';
import { openTasks, type TaskRecords } from './records/task-records.ts';
import { StreamBell } from './records/wake.ts';
import type { Reach } from './registry/reach.ts';
import type { AuditSigner } from './registry/audit-signing.ts';
import { createRules, readPlans } from './response-rules.ts';
import { type RetentionDays, usualRetention } from './retention.ts';
import type { ErrandTokens } from './task/link.ts';

const second = 1000;

/** The cloud's own rhythm. */
export const rhythm = {
  sweepEveryMs: second,
  /** What was written since the last checkpoint could be changed unseen by who owns the database and the key's file. */
  checkpointEveryMs: 15 * 60 * second,
  /** A gateway beats every 20 s; two missed beats and a little are a fault, shown within 60 s. */
  gatewaySilenceMs: 50 * second,
  watchEveryMs: 5 * second,
  /** Answers are in the roll-up within 2 s. */
  tallyEveryMs: second / 2,
  deliveryTallyEveryMs: 2 * second,
  retentionEveryMs: 60 * second,
  recordsRetentionEveryMs: 3600 * second,
} as const;

if (rhythm.gatewaySilenceMs + rhythm.watchEveryMs > 60 * second) throw new Error('a lost gateway must be shown within 60 s');

export interface PipelineOptions {
  /** Migrated; whoever opened it closes it, after the pipeline has stopped. */
  readonly database: Database;
  readonly profiles: ReadonlyMap<string, Profile>;
  /** IANA name; its calendar day numbers the incidents. */
  readonly timeZone?: string;
  readonly clock: Clock;
  readonly log: { warn(message: string): void };
  /** The ways to people; without them nobody is told by message. */
  readonly channels?: Channels;
  readonly publicUrl?: string | null;
  /** Who residents are; without it they cannot be called. */
  readonly reach?: Reach;
  /** Signs the links residents answer by. */
  readonly tokens?: AnswerTokens;
  /** Signs the links by which whoever is asked accepts a task. */
  readonly errands?: ErrandTokens;
  /** False where another process does what runs by the clock. Default: this one does. */
  readonly sweeps?: boolean;
  /** 保存期限 in days; the usual ones where not given. */
  readonly retention?: RetentionDays;
  /** Its name in the account of the sweep. */
  readonly worker?: string | null;
  /** Signs where the audit stands. */
  readonly auditSigner?: AuditSigner;
}

export interface Pipeline {
  readonly ingest: Ingest;
  readonly pictures: PictureIngest;
  readonly records: Records;
  readonly deliveries: Deliveries;
  readonly tasks: TaskRecords;
  readonly incidentDesk: IncidentDesk;
  readonly duty: Duty;
  readonly calls: CallDesk;
  readonly cap: CapDesk;
  /** Runs what is due at `now`; the pipeline does so by itself every second. */
  sweep(now: number): Promise<readonly Swept[]>;
  /** Ends the timers, after the turn that is running, and the stream's connection. */
  stop(): Promise<void>;
}

/** Starts the records and everything that runs by the clock: escalation, shelves, lost gateways, retention. */
export async function startPipeline(options: PipelineOptions): Promise<Pipeline> {
  const rules = createRules({
    plans: await readPlans(),
    profiles: options.profiles,
    timeZone: options.timeZone ?? 'Asia/Shanghai',
    ...(options.channels && { ladders: options.channels.ladders }),
    publicUrl: options.publicUrl ?? null,
    errands: options.errands ?? null,
  });
  const { database } = options;
  const channels = options.channels ?? noChannels;
  const ways = waysOf(channels, options.tokens ?? null, options.publicUrl ?? null);
  const desk: CallDesk = { database, rules, clock: options.clock, ways };
  const bell = new StreamBell(database.connection, options.clock);
  const deliveries = createDeliveries(database.db, rules.telling);
  const sweeps = options.sweeps !== false;
  const rounds = sweeps ? startRounds(desk, deliveries, options) : [];
  const deliverers = sweeps ? startDeliverers(deliveries, options) : [];
  return {
    ingest: createIngest(database, rules),
    pictures: createPictures(database, rules),
    records: openRecords(desk, bell),
    deliveries,
    tasks: openTasks(desk),
    incidentDesk: openIncidentDesk(desk),
    duty: openDuty(desk),
    calls: desk,
    cap: openCapDesk(desk, capSender(options.publicUrl ?? null)),
    sweep: (now) => sweep(desk, now),
    stop: async () => {
      await Promise.all([...rounds, ...deliverers].map((each) => each.stop()));
      await bell.close();
    },
  };
}

/** Who our documents are from: the address the world knows us by, or this machine's name. */
function capSender(publicUrl: string | null): { sender: string; name: string } {
  const host = publicUrl === null ? hostname() : new URL(publicUrl).host;
  return { sender: `yihu@${host}`, name: `Yihu ${host}` };
}

interface Round {
  stop(): Promise<void>;
}

/** Runs `body` again and again with a pause between; an error is said and the next turn comes all the same. */
function round(name: string, everyMs: number, options: PipelineOptions, body: (now: number) => Promise<unknown>): Round {
  let timer: Timer;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  const turn = async (): Promise<void> => {
    try {
      await body(options.clock.now());
    } catch (error) {
      options.log.warn(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (!stopped) plan();
  };
  const plan = (): void => {
    timer = options.clock.after(everyMs, () => void (running = turn()));
  };
  plan();
  return {
    stop: () => {
      stopped = true;
      timer.cancel();
      return running;
    },
  };
}

function startDeliverers(
  deliveries: Deliveries,
  { channels = noChannels, database, reach, clock, log }: PipelineOptions,
): Deliverer[] {
  return [...channels.all.values()].map((channel) =>
    new Deliverer({ channel, deliveries, addresses: addressBook(database.db, channels, reach), clock, log }).start(),
  );
}

function signed(desk: CallDesk, signer: AuditSigner) {
  return (now: number) => signAudit(desk.database.db, signer, now);
}

function startRounds(desk: CallDesk, deliveries: Deliveries, options: PipelineOptions): Round[] {
  const { clock } = options;
  const beganMono = clock.mono();
  const days = options.retention ?? usualRetention;
  const sweeper = createSweeper(desk, options.worker ?? `${hostname()}-${process.pid}`);
  return [
    ...(options.auditSigner
      ? [round('audit checkpoints', rhythm.checkpointEveryMs, options, signed(desk, options.auditSigner))]
      : []),
    round('sweep', rhythm.sweepEveryMs, options, (now) => sweeper.run(now)),
    round('calls', rhythm.sweepEveryMs, options, async (now) => {
      await beginCalls(desk, now);
      while ((await sendWaves(desk, clock.now())) > 0);
      await stepSilent(desk, now);
    }),
    round('call counts', rhythm.tallyEveryMs, options, () => tallyCalls(desk)),
    round('call deliveries', rhythm.deliveryTallyEveryMs, options, () => tallyDeliveries(desk)),
    round('deliveries', rhythm.sweepEveryMs, options, (now) => deliveries.tidy(now)),
    round('channel tests', rhythm.retentionEveryMs, options, (now) =>
      testChannels(desk.database.db, options.channels ?? noChannels, now),
    ),
    round('gateway watch', rhythm.watchEveryMs, options, async (now) => {
      // While we were away no beat could reach us, so silence counts from our own start at the earliest.
      if (clock.mono() - beganMono < rhythm.gatewaySilenceMs) return;
      await watchGateways(desk.database.db, desk.rules, now - rhythm.gatewaySilenceMs, now);
    }),
    round('retention', rhythm.retentionEveryMs, options, (now) => forgetQuick(desk.database, days, now)),
    round('retention of records', rhythm.recordsRetentionEveryMs, options, (now) => forgetAudited(desk.database, days, now)),
  ];
}
