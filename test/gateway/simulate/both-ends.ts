import { createServer } from 'node:net';
import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { DeviceEvent, Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { Availability } from '@yihu/device-profiles/vocabulary/transition.ts';
import { pino } from 'pino';
import { systemClock } from '../../../gateway/clock.ts';
import type { RunningPort } from '../../../gateway/collect/driver.ts';
import { compileChildren } from '../../../gateway/decode/children.ts';
import { compile } from '../../../gateway/decode/decode.ts';
import { loadDrivers } from '../../../gateway/drivers.ts';
import { siteEgress } from '../../../gateway/egress.ts';
import { type Evaluated, evaluate, tick } from '../../../gateway/evaluate/evaluate.ts';
import { compileRules } from '../../../gateway/evaluate/rules.ts';
import { type DeviceState, freshState } from '../../../gateway/evaluate/state.ts';
import { hear } from '../../../gateway/hear.ts';
import { type AloneDevice, aloneOn } from '../../../gateway/simulate/alone.ts';
import { type Simulator, startSimulator } from '../../../gateway/simulate/simulator.ts';

const drivers = await loadDrivers();
const log = pino({ level: 'silent' });

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

export interface BothEnds {
  readonly simulator: Simulator;
  readonly port: RunningPort;
  /** What the gateway makes of the device, oldest first. */
  readonly readings: readonly Reading[];
  readonly events: readonly DeviceEvent[];
  /** How it is shown now. */
  readonly availability: () => Availability;
}

/**
 * A simulated device alone on its wire, the gateway's own driver at the other end, and behind it what the gateway would
 * decode and judge. `all`: the profiles among which the one that speaks for a part is found.
 */
export async function bothEnds(
  profile: Profile,
  driverName: string,
  onTestFinished: (end: () => Promise<void>) => void,
  all: Iterable<Profile> = [],
): Promise<BothEnds> {
  const at = { host: '127.0.0.1', port: await freePort() };
  const alone = aloneOn(profile, all, at).find(({ driver }) => driver === driverName);
  const driver = drivers.get(driverName);
  if (!alone || !driver) throw new Error(`no ${driverName}`);
  const settings = driver.port.parse(alone.port);
  const judged = judge(profile, alone);
  const listen = () =>
    driver.start({
      id: 'p',
      port: settings,
      devices: [
        {
          id: 'd',
          profile: alone.bound,
          address: (driver.addressOf?.(profile.transport.protocol) ?? driver.address).parse(alone.address),
        },
      ],
      folder: '/nowhere',
      clock: systemClock,
      log,
      egress: siteEgress(['127.0.0.0/8']),
      emit: (frames) => Promise.resolve(judged.take(frames)),
      report: () => undefined,
    });
  const simulate = () =>
    startSimulator({
      ports: [{ id: 'p', driver: { name: driverName }, settings }],
      devices: [{ id: 'd', profile, port: 'p', address: { ...alone.address, part: alone.part } }],
      clock: systemClock,
      random: () => 0.5,
      log,
    });
  // Whoever goes to the other finds it there.
  const isListening = 'listen' in alone.port;
  const early = isListening ? await listen() : undefined;
  if (early) onTestFinished(() => early.stop());
  const simulator = await simulate();
  onTestFinished(() => simulator.stop());
  const port = early ?? (await listen());
  if (!early) onTestFinished(() => port.stop());
  return { simulator, port, ...judged };
}

function judge(profile: Profile, { bound }: AloneDevice) {
  const split = compileChildren(bound);
  const decoder = compile(profile);
  const rules = compileRules(profile);
  const readings: Reading[] = [];
  const events: DeviceEvent[] = [];
  const moment = () => ({ at: systemClock.now(), mono: systemClock.mono() });
  let state: DeviceState = freshState(systemClock.mono());
  const keep = (evaluated: Evaluated): void => {
    state = evaluated.state;
    readings.push(...evaluated.readings);
    events.push(...evaluated.events);
  };
  return {
    readings,
    events,
    take(frames: readonly Frame[]): void {
      const own = frames
        .flatMap(split)
        .filter(({ child }) => (bound === profile ? child?.profile === undefined : child?.profile === profile.id));
      if (own.length > 0)
        keep(
          evaluate(
            rules,
            state,
            hear(decoder, own, () => undefined),
            moment(),
          ),
        );
    },
    availability(): Availability {
      keep(tick(rules, state, moment()));
      return state.saved.availability;
    },
  };
}
