import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Interlock } from './acts.ts';
import type { Condition } from './condition.ts';
import { argumentFlaw } from './order.ts';
import { type DeviceFacts, type LinkageRule, type Step, isInScope } from './rule.ts';
import type { ConditionSection, InterlockSection, LinkageSection, StepSection } from './settings.ts';

/** A device of the site, as rules are checked against it. */
export interface SiteDeviceFacts extends DeviceFacts {
  readonly name: Text;
  readonly profile: Profile;
  /** Severities that the installer gave to alarms of this device. */
  readonly severities: Readonly<Record<string, Severity>>;
}

export interface Problem {
  readonly path: readonly (string | number)[];
  readonly zh: string;
  readonly en: string;
}

type Path = readonly (string | number)[];

/** Makes rules and interlocks of the sections, with devices in the place of scopes; says everything that does not fit. */
export class Resolver {
  readonly problems: Problem[] = [];
  readonly #devices: ReadonlyMap<string, SiteDeviceFacts>;
  readonly #declared: ReadonlySet<string>;

  /** `declared`: ids of devices that have problems of their own, of which nothing more is said here. */
  constructor(devices: readonly SiteDeviceFacts[], declared: readonly string[] = []) {
    this.#devices = new Map(devices.map((device) => [device.id, device]));
    this.#declared = new Set(declared);
  }

  /** Null: a section that is not one. */
  linkage(sections: readonly (LinkageSection | null)[]): LinkageRule[] {
    const seen = new Set<string>();
    return sections.flatMap((section, i) => {
      if (!section) return [];
      const path = ['linkage', i];
      const { id, name, when, after: afterMs, without } = section;
      if (seen.has(id)) this.#say([...path, 'id'], `联动编号 ${id} 重复。`, `Linkage id ${id} is used twice.`);
      seen.add(id);
      this.#named(when.devices, [...path, 'when', 'devices']);
      if (without === 'confirm' && when.hazard !== 'fire')
        this.#say(
          [...path, 'without'],
          '只有火灾联动（when.hazard: fire）可以省去第二人确认。请去掉 without，或写明 hazard: fire。',
          'Only linkage on fire (when.hazard: fire) may do without a second person. Leave without out, or say hazard: fire.',
        );
      if (section.undo.length > 0 && when.edge === 'cleared')
        this.#say(
          [...path, 'undo'],
          'undo 在告警恢复时执行，这条规则本来就在恢复时触发。请去掉 undo。',
          'undo is carried out when the alarm is over, and this rule begins only then. Leave undo out.',
        );
      return [
        {
          id,
          index: i,
          name,
          when,
          afterMs,
          withoutConfirm: without === 'confirm',
          unless: this.#conditions(section.unless, [...path, 'unless']),
          steps: this.#steps(section.do, [...path, 'do']),
          undo: this.#steps(section.undo, [...path, 'undo']),
        },
      ];
    });
  }

  interlocks(sections: readonly (InterlockSection | null)[]): Interlock[] {
    return sections.flatMap((section, i) => {
      if (!section) return [];
      const path = ['interlocks', i];
      const unless = this.#conditions(section.unless, [...path, 'unless']);
      return this.#targets(section, path).map((device) => {
        for (const command of section.commands ?? []) this.#command(device, command, [...path, 'commands']);
        return { name: section.name, device: device.id, commands: section.commands ?? null, unless };
      });
    });
  }

  #steps(sections: readonly StepSection[], path: Path): Step[] {
    return sections.flatMap(({ command, args, ...scope }, i) =>
      this.#targets(scope, [...path, i]).flatMap((device) => {
        const spec = this.#command(device, command, [...path, i, 'command']);
        const flaw = spec && argumentFlaw(spec, args);
        if (flaw) this.#say([...path, i, 'args'], `${device.id}：${flaw.zh}`, `${device.id}: ${flaw.en}`);
        return spec ? [{ device: device.id, command, args }] : [];
      }),
    );
  }

  #targets(scope: Omit<StepSection, 'command' | 'args'>, path: Path): SiteDeviceFacts[] {
    if (!this.#named(scope.devices, [...path, 'devices'])) return [];
    const found = [...this.#devices.values()].filter((device) => isInScope(scope, device));
    if (found.length === 0)
      this.#say(
        path,
        '现场没有符合条件的设备。请核对 category 和 place，或直接写 devices。',
        'No device of the site fits. Check category and place, or name devices.',
      );
    return found;
  }

  #named(ids: readonly string[] = [], path: Path): boolean {
    const unknown = ids.filter((id) => !this.#devices.has(id));
    for (const id of unknown) this.#noDevice(id, path);
    return unknown.length === 0;
  }

  #command(device: SiteDeviceFacts, command: string, path: Path): Profile['commands'][string] | undefined {
    const { commands, id } = device.profile;
    if (Object.hasOwn(commands, command)) return commands[command];
    const known = Object.keys(commands);
    this.#say(
      path,
      `设备 ${device.id}（${id}）没有命令 ${command}${known.length > 0 ? `，有：${known.join('、')}` : '，它不能远程控制'}。`,
      `Device ${device.id} (${id}) has no command ${command}; ${known.length > 0 ? `it has: ${known.join(', ')}` : 'it cannot be controlled'}.`,
    );
    return undefined;
  }

  #conditions(sections: readonly ConditionSection[], path: Path): Condition[] {
    return sections.flatMap((section, i) => {
      const device = this.#devices.get(section.device);
      if (!device) {
        this.#noDevice(section.device, [...path, i, 'device']);
        return [];
      }
      const condition = conditionOf(section, device);
      if (condition) return [condition];
      const missing = section.point ?? section.alarm ?? '';
      const kind = section.point === undefined ? { zh: '告警', en: 'alarm' } : { zh: '点', en: 'point' };
      this.#say(
        [...path, i],
        `设备 ${device.id}（${device.profile.id}）没有${kind.zh} ${missing}。`,
        `Device ${device.id} (${device.profile.id}) has no ${kind.en} ${missing}.`,
      );
      return [];
    });
  }

  #noDevice(id: string, path: Path): void {
    if (this.#declared.has(id)) return;
    this.#say(path, `没有设备 ${id}。请在 devices 里声明它。`, `There is no device ${id}. Declare it under devices.`);
  }

  #say(path: Path, zh: string, en: string): void {
    this.problems.push({ path, zh, en });
  }
}

function conditionOf(section: ConditionSection, { id, name, profile }: SiteDeviceFacts): Condition | undefined {
  const { unknown, point, alarm, is, above, below } = section;
  if (alarm !== undefined) {
    const known = alarm === 'offline' || Object.hasOwn(profile.alarms, alarm);
    const alarmName = profile.alarms[alarm]?.name ?? { zh: '通信中断', en: 'communication lost' };
    return known ? { device: id, unknown, alarm, name: section.name ?? both(name, alarmName) } : undefined;
  }
  if (point === undefined || !Object.hasOwn(profile.points, point)) return undefined;
  const base = { device: id, unknown, point, name: section.name ?? both(name, profile.points[point]?.name ?? { zh: point }) };
  if (is !== undefined) return { ...base, is };
  return above === undefined ? { ...base, below: below ?? 0 } : { ...base, above };
}

function both(device: Text, thing: Text): Text {
  const clip = (text: string) => text.slice(0, 120);
  return { zh: clip(`${device.zh} ${thing.zh}`), en: clip(`${device.en ?? device.zh}: ${thing.en ?? thing.zh}`) };
}
