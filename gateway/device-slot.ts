import type { Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import type { Decoder } from './decode/decode.ts';
import type { Reporting } from './evaluate/report.ts';
import type { RuleSet } from './evaluate/rules.ts';
import type { DeviceState } from './evaluate/state.ts';
import type { DeviceParts, Part } from './parts.ts';
import type { Redaction } from './privacy.ts';
import { ReportedValues } from './reported.ts';
import { SaidBefore } from './said-before.ts';

export interface PipelineDevice {
  readonly id: string;
  readonly profile: string;
  readonly decoder: Decoder;
  readonly rules: RuleSet;
  /** Which changes are news. Absent: everything is recorded. */
  readonly reporting?: Reporting;
  /** Parts of it that are devices of their own. */
  readonly parts?: DeviceParts;
  /** The device it is a part of. */
  readonly parent?: string;
  /** What is personal in what it says. Absent: nothing. */
  readonly redaction?: Redaction | undefined;
  /** How long what it says again is known by its profile's key, ms. Absent: never. */
  readonly saidWithinMs?: number | undefined;
}

/** One device on the path: what it is, where it stands on disk, and where it will stand when all under way is there too. */
export class DeviceSlot {
  readonly device: PipelineDevice;
  readonly reported = new ReportedValues();
  /** Null: what it says has no key. */
  readonly said: SaidBefore | null;
  /** The last reading of each point, recorded or held back. */
  readonly latest = new Map<string, Reading>();
  /** Running-clock time at which time alone may change something; null: only the device can. */
  dueMs: number | null = null;
  /** Of a part: what is known of it. */
  part: Part | null = null;
  #keptPart: Part | null = null;
  #kept: DeviceState;
  #ahead: DeviceState | null = null;

  constructor(
    device: PipelineDevice,
    kept: DeviceState,
    part: { readonly now: Part; readonly isKept: boolean } | null = null,
    said?: string,
  ) {
    this.device = device;
    this.said = device.saidWithinMs === undefined ? null : new SaidBefore(device.saidWithinMs, said);
    this.#kept = kept;
    this.part = part?.now ?? null;
    this.#keptPart = part?.isKept ? part.now : null;
  }

  /** A part that is not on disk yet: should the commit fail, it never was. */
  get isNew(): boolean {
    return this.part !== null && this.#keptPart === null;
  }

  get state(): DeviceState {
    return this.#ahead ?? this.#kept;
  }

  moveTo(state: DeviceState): void {
    this.#ahead = state;
  }

  /** It takes the place of `old`: what was last read stays shown while the same profile speaks. */
  inherit(old: DeviceSlot): void {
    if (old === this || old.device.profile !== this.device.profile) return;
    for (const [point, reading] of old.latest) this.latest.set(point, reading);
  }

  /** The state is on disk. */
  keep(state: DeviceState): void {
    this.#kept = state;
    this.#keptPart = this.part;
    if (this.#ahead === state) this.#ahead = null;
  }

  /** Rules are back where the disk is. That the device spoke remains true though its words were not kept: a full disk does not make it silent. */
  giveBack(): void {
    if (this.#ahead) this.#kept = { ...this.#ahead, saved: this.#kept.saved };
    this.#ahead = null;
    this.part = this.#keptPart ?? this.part;
    this.reported.giveBack();
    this.said?.giveBack();
    // Time has to look again at what it had decided.
    this.dueMs = 0;
  }
}
