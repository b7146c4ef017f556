import { systemChance } from '../../random.ts';
import type {
  Act,
  ActOutcome,
  DeviceState,
  DriverContext,
  Exchange,
  PictureBounds,
  PictureOutcome,
  PortState,
  RunningPort,
} from '../driver.ts';
import { Exchanges } from '../http-event/exchanges.ts';
import { switchOutput } from './act.ts';
import { Camera, type CameraWatch } from './camera.ts';
import { Ffmpeg } from './ffmpeg.ts';
import { Pictures } from './pictures.ts';
import type { OnvifAddress, OnvifDevice, OnvifPort } from './settings.ts';
import type { Trouble } from './trouble.ts';

type Context = DriverContext<OnvifPort, OnvifAddress>;

const counterNames = [
  'subscriptions',
  'pulls',
  'messages',
  'messages_other',
  'messages_not_kept',
  'reconnects',
  'pictures',
  'pictures_missing',
  'commands_sent',
  'commands_refused',
  'commands_unknown',
  'commands_expired',
] as const;

interface Bound {
  readonly device: OnvifDevice;
  readonly camera: Camera;
  readonly pictures: Pictures;
}

/** One port of cameras, each followed by itself. */
export class OnvifRunning implements RunningPort {
  readonly #context: Context;
  readonly #bound = new Map<string, Bound>();
  readonly #devices = new Map<string, DeviceState>();
  readonly #exchanges = new Exchanges();
  readonly #counters = Object.fromEntries(counterNames.map((name) => [name, 0])) as Record<(typeof counterNames)[number], number>;
  #trouble: Trouble | null = null;
  #stopped = false;

  constructor(context: Context) {
    this.#context = context;
    const { port, clock, egress, folder = '.' } = context;
    const ffmpeg = port.rtsp === 'ffmpeg' ? new Ffmpeg({ folder, egress }) : null;
    const watch = this.#watch();
    for (const device of context.devices) {
      const { address } = device;
      this.#devices.set(device.id, { heardAt: null, failures: 0 });
      const parts = { device, address, folder, egress, clock, chance: systemChance, watch };
      const camera = new Camera({ ...parts, emit: (frames) => context.emit(frames) });
      this.#bound.set(device.id, { device, camera, pictures: new Pictures({ address, folder, egress, clock, camera, ffmpeg }) });
    }
  }

  start(): this {
    for (const { camera } of this.#bound.values()) camera.start();
    this.#report();
    return this;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#bound.values()].map(({ camera }) => camera.stop()));
  }

  state(): PortState {
    const devices = Object.fromEntries(this.#devices);
    if (this.#stopped) return { wire: 'down', reason: { zh: '端口已停止', en: 'The port was stopped' }, devices };
    const cameras = [...this.#bound.values()].map(({ camera }) => camera);
    if (cameras.length === 0 || cameras.some(({ isUp }) => isUp)) return { wire: 'up', devices };
    if (this.#trouble === null) return { wire: 'connecting', devices };
    const { zh, en } = this.#trouble;
    return { wire: 'down', reason: { zh, en }, devices };
  }

  counters(): Readonly<Record<string, number>> {
    return { ...this.#counters };
  }

  exchanges(device: string): readonly Exchange[] {
    return this.#exchanges.of(device);
  }

  async picture(device: string, bounds: PictureBounds): Promise<PictureOutcome> {
    const { pictures } = this.#of(device);
    const { clock } = this.#context;
    const startedMono = clock.mono();
    const outcome = await pictures.take(bounds);
    const isTaken = 'bytes' in outcome;
    this.#counters[isTaken ? 'pictures' : 'pictures_missing'] += 1;
    this.#exchanges.add(device, {
      at: clock.now(),
      sent: 'picture',
      heard: isTaken ? `${outcome.bytes.length} B` : outcome.missing,
      tookMs: clock.mono() - startedMono,
      ...(isTaken ? {} : { note: { zh: outcome.zh.slice(0, 120), en: outcome.en.slice(0, 120) } }),
    });
    return outcome;
  }

  async act(act: Act): Promise<ActOutcome> {
    const { camera, device } = this.#of(act.device);
    const outcome = await switchOutput(act, camera, device.address, this.#context.clock);
    this.#counters[`commands_${outcome.state}`] += 1;
    return outcome;
  }

  #of(id: string): Bound {
    const bound = this.#bound.get(id);
    if (!bound) throw new Error(`device ${id} is not on port ${this.#context.id}`);
    return bound;
  }

  #watch(): CameraWatch {
    const { clock, log } = this.#context;
    return {
      count: (name, by = 1) => void (this.#counters[name] += by),
      heard: (device) => {
        const before = this.#devices.get(device);
        this.#devices.set(device, { heardAt: clock.now(), failures: 0 });
        if (before?.failures !== 0 || before.heardAt === null) this.#report();
      },
      trouble: (device, trouble) => {
        this.#trouble = trouble;
        const before = this.#devices.get(device);
        const failures = (before?.failures ?? 0) + 1;
        this.#devices.set(device, { heardAt: before?.heardAt ?? null, failures, fault: trouble.code });
        this.#exchanges.add(device, {
          at: clock.now(),
          heard: trouble.code,
          note: { zh: trouble.zh.slice(0, 120), en: trouble.en.slice(0, 120) },
        });
        log.debug({ device, code: trouble.code }, trouble.en);
        this.#report();
      },
      said: (device, sent, heard, tookMs) => this.#exchanges.add(device, { at: clock.now(), sent, heard, tookMs }),
    };
  }

  #report(): void {
    if (!this.#stopped) this.#context.report(this.state());
  }
}
