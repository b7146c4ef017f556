import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { isSameOnPath } from './change/plan.ts';
import type { ConfiguredDevice } from './config.ts';
import { compileChildren } from './decode/children.ts';
import { compile } from './decode/decode.ts';
import type { PipelineDevice } from './device-slot.ts';
import { compileReporting } from './evaluate/report.ts';
import { compilePartRules, compileRules, type RuleOverride, type RuleSet } from './evaluate/rules.ts';
import { ruleSettings } from './inventory.ts';
import type { PartKind } from './parts.ts';
import { type Pseudonym, compileRedaction } from './privacy.ts';

/**
 * Devices as the path needs them; one that did not change is the same object as before. What a profile compiles to holds
 * nothing of a device, so that all devices of a profile share it: a decoder of ten points takes 20 kB.
 */
export class CompiledDevices {
  readonly #pseudonym: Pseudonym;
  readonly #kinds = new WeakMap<Profile, ReturnType<typeof kindOf>>();
  readonly #rules = new WeakMap<Profile, RuleSet>();
  #known = new Map<string, { readonly from: ConfiguredDevice; readonly device: PipelineDevice }>();

  constructor(pseudonym: Pseudonym) {
    this.#pseudonym = pseudonym;
  }

  of(devices: readonly ConfiguredDevice[]): PipelineDevice[] {
    const before = this.#known;
    this.#known = new Map(
      devices.map((from) => {
        const known = before.get(from.id);
        if (known && isSameOnPath(known.from, from)) return [from.id, known];
        return [from.id, { from, device: this.#deviceOf(from) }];
      }),
    );
    return [...this.#known.values()].map(({ device }) => device);
  }

  #deviceOf({ id, profile, place, overrides, parts, partOverrides }: ConfiguredDevice): PipelineDevice {
    const own = { id, ...this.#kindOf(profile), rules: this.#rulesOf(profile, overrides) };
    if (parts.size === 0) return own;
    const kinds = new Map(
      [...parts].map(([name, part]): [string, PartKind] => [
        name,
        { ...this.#kindOf(part), category: part.category, ...rulesOfPart(part, partOverrides.get(name)) },
      ]),
    );
    return { ...own, parts: { split: compileChildren(profile), kinds, place } };
  }

  #kindOf(profile: Profile) {
    const kind = this.#kinds.get(profile) ?? kindOf(profile, this.#pseudonym);
    this.#kinds.set(profile, kind);
    return kind;
  }

  /** Those that a site changed are the device's own. */
  #rulesOf(profile: Profile, overrides: ConfiguredDevice['overrides']): RuleSet {
    if (Object.keys(overrides).length > 0) return compileRules(profile, overrides);
    const rules = this.#rules.get(profile) ?? compileRules(profile);
    this.#rules.set(profile, rules);
    return rules;
  }
}

function kindOf(profile: Profile, pseudonym: Pseudonym) {
  return {
    profile: profile.id,
    decoder: compile(profile),
    reporting: compileReporting(profile.points),
    redaction: compileRedaction(profile, pseudonym),
    saidWithinMs: profile.dedupe?.window,
  };
}

function rulesOfPart(part: Profile, overrides?: Readonly<Record<string, RuleOverride>>): Pick<PartKind, 'rules' | 'limits'> {
  const rules = compilePartRules(part, overrides);
  return overrides === undefined ? { rules } : { rules, limits: ruleSettings(part, overrides) };
}
