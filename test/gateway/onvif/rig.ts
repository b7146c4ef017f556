import { profileFrom } from '@yihu/device-profiles/library/parse.ts';
import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { type Logger, pino } from 'pino';
import { onTestFinished } from 'vitest';
import { type Clock, systemClock } from '../../../gateway/clock.ts';
import type { Act, Egress, PortState, RunningPort } from '../../../gateway/collect/driver.ts';
import { driver } from '../../../gateway/collect/onvif/driver.ts';
import { OnvifAddress, OnvifPort } from '../../../gateway/collect/onvif/settings.ts';
import { siteEgress } from '../../../gateway/egress.ts';
import { type CameraOptions, SimulatedCamera } from '../../../gateway/simulate/wires/onvif/camera.ts';
import type { HandClock } from '../../hand-clock.ts';
import { secretFile, temporaryFolder } from '../http-event/rig.ts';

export { secretFile, temporaryFolder };

/** No more than the driver needs of a profile. */
export const profile: Profile = profileFrom({
  schema: 'yihu-profile/1',
  id: 'test.camera',
  version: '1.0.0',
  name: { zh: '摄像机', en: 'Camera' },
  maker: { zh: '测试', en: 'Test' },
  model: 'C1',
  category: 'camera',
  sources: ['made for this test'],
  confidence: 'normalised',
  transport: { protocol: 'onvif', topics: ['RuleEngine/*', 'Device/Trigger/*'] },
  availability: { offlineAfter: '5m' },
  points: { output: { name: { zh: '输出' }, kind: 'state' } },
  decode: { event: [{ event: { type: 'test.happened' } }] },
  commands: {
    open: { name: { zh: '打开' }, do: { output: 2, state: 'active' }, verify: { point: 'output', is: true, within: '10s' } },
    pick: {
      name: { zh: '选一路' },
      args: { nth: { name: { zh: '第几路' }, min: 1, max: 9 } },
      do: { output: '{nth}', state: 'active' },
      verify: { point: 'output', is: true, within: '10s' },
    },
  },
  vectors: [{ name: 'x', origin: 'synthetic', given: { channel: 'event', json: {} }, events: [] }],
});

export const motion = (isMotion = true) =>
  ({
    topic: 'RuleEngine/CellMotionDetector/Motion',
    source: { Rule: 'r1' },
    data: { IsMotion: String(isMotion) },
    operation: 'Changed',
  }) as const;

/** The real clock, but for the pauses between attempts. */
export const impatient: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 25, signal) };

/** Looks again and again, in real time. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await systemClock.sleep(5);
}

/** Lets the time of a hand clock go by, slowly enough for sockets to keep up. */
export async function passing(clock: HandClock, holds: () => boolean, stepMs = 500): Promise<void> {
  while (!holds()) {
    await clock.advance(stepMs);
    await systemClock.sleep(5);
  }
}

export async function camera(options: Partial<CameraOptions> = {}): Promise<SimulatedCamera> {
  const cam = await new SimulatedCamera({ clock: systemClock, ...options }).start();
  onTestFinished(() => cam.stop());
  return cam;
}

export const login = { username: 'admin', password: 'p@ss <word>&"\'' } as const;

export interface WatchOptions {
  readonly clock?: Clock;
  readonly egress?: Egress | null;
  readonly log?: Logger;
  readonly port?: Record<string, unknown>;
  readonly address?: Record<string, unknown>;
  /** Written into the password file; undefined: no login. */
  readonly password?: string | undefined;
  readonly folder?: string;
}

export interface Watched {
  readonly port: RunningPort;
  readonly frames: Frame[];
  readonly reports: PortState[];
  readonly folder: string;
  /** What the pipeline answers; replace it to refuse. */
  take: (frames: readonly Frame[]) => Promise<void>;
  /** What a profile's decode is given. */
  messages: () => { topic: string; operation: string; source: unknown; data: unknown; utcTime: string }[];
  picture: (timeoutMs?: number, maxBytes?: number) => ReturnType<NonNullable<RunningPort['picture']>>;
  act: (command: string, args?: Act['args'], deadlineMono?: number) => ReturnType<NonNullable<RunningPort['act']>>;
  failures: () => number;
  fault: () => string | undefined;
}

/** The driver on one camera, with a list in place of the pipeline. */
export async function watch(cameraPort: number, options: WatchOptions = {}): Promise<Watched> {
  const { clock = impatient, egress = siteEgress(['127.0.0.0/8']), folder = temporaryFolder() } = options;
  const hasLogin = options.password !== undefined;
  if (options.password !== undefined) secretFile(folder, options.password);
  const address = OnvifAddress.parse({
    host: '127.0.0.1',
    port: cameraPort,
    ...(hasLogin && { username: login.username, passwordFile: 'password' }),
    ...options.address,
  });
  const frames: Frame[] = [];
  const reports: PortState[] = [];
  const watched = {
    frames,
    reports,
    folder,
    take: (_frames: readonly Frame[]): Promise<void> => Promise.resolve(),
    messages: () =>
      frames.flatMap(({ body }) => (body.kind === 'fields' ? [body.fields as ReturnType<Watched['messages']>[number]] : [])),
    picture: (timeoutMs = 3_000, maxBytes = 512 * 1024) =>
      port.picture?.('cam-1', { maxBytes, timeoutMs, videoMs: 15_000 }) ?? none(),
    act: (command: string, args: Act['args'] = {}, deadlineMono = clock.mono() + 10_000) => {
      const spec = profile.commands[command];
      if (spec === undefined) throw new Error(`no command ${command}`);
      return port.act?.({ id: 'a1', device: 'cam-1', command, spec, args, deadlineMono }) ?? none();
    },
    failures: () => port.state().devices['cam-1']?.failures ?? 0,
    fault: () => port.state().devices['cam-1']?.fault,
  };
  const port = await driver.start({
    id: 'cameras',
    port: OnvifPort.parse({ ...options.port }),
    devices: [{ id: 'cam-1', profile, address }],
    folder,
    clock,
    log: options.log ?? pino({ level: 'silent' }),
    ...(egress && { egress }),
    emit: async (given) => {
      await watched.take(given);
      frames.push(...given);
    },
    report: (state) => void reports.push(state),
  });
  onTestFinished(() => port.stop());
  return Object.assign(watched, { port });
}

function none(): never {
  throw new Error('the driver has no such thing');
}
