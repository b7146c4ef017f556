import { filterOf, type MqttDevice, transportOf } from './address.ts';

/** A device's channel that a topic belongs to. */
export interface Target {
  readonly device: MqttDevice;
  readonly channel: string;
}

interface Level {
  readonly below: Map<string, Level>;
  /** Targets of filters that end here. */
  ends: Target[];
  /** Targets of filters that end here with `#`. */
  rest: Target[];
}

/**
 * Which devices a topic belongs to. Prepared once; a look-up walks the levels of the topic and never the devices.
 * For one device an exact filter goes before a wildcard (MQTT 3.1.1 §4.7 for the meaning of `+` and `#`).
 */
export class TopicIndex {
  readonly filters: ReadonlyMap<string, 0 | 1>;
  readonly #exact = new Map<string, Target[]>();
  readonly #root = level();
  #wild = false;

  constructor(devices: readonly MqttDevice[]) {
    const filters = new Map<string, 0 | 1>();
    for (const device of devices) {
      const transport = transportOf(device);
      for (const [channel, topic] of Object.entries(transport?.topics ?? {})) {
        const filter = filterOf(transport as NonNullable<typeof transport>, topic.filter, device.address.identity);
        filters.set(filter, filters.get(filter) === 1 ? 1 : topic.qos);
        this.#add(filter, { device, channel });
      }
    }
    this.filters = filters;
  }

  find(topic: string): readonly Target[] {
    const exact = this.#exact.get(topic);
    if (!this.#wild) return exact ?? [];
    const found = exact ? [...exact] : [];
    walk(this.#root, topic.split('/'), 0, (target) => {
      if (!found.some((other) => other.device === target.device)) found.push(target);
    });
    return found;
  }

  #add(filter: string, target: Target): void {
    if (!/[+#]/.test(filter)) {
      const there = this.#exact.get(filter);
      if (there) there.push(target);
      else this.#exact.set(filter, [target]);
      return;
    }
    this.#wild = true;
    let at = this.#root;
    for (const name of filter.split('/')) {
      if (name === '#') return void at.rest.push(target);
      at = child(at, name);
    }
    at.ends.push(target);
  }
}

function level(): Level {
  return { below: new Map(), ends: [], rest: [] };
}

function child(parent: Level, name: string): Level {
  const there = parent.below.get(name);
  if (there) return there;
  const made = level();
  parent.below.set(name, made);
  return made;
}

function walk(at: Level, names: readonly string[], depth: number, found: (target: Target) => void): void {
  // `#` also matches its parent level: "sport/#" matches "sport" (§4.7.1.2).
  at.rest.forEach(found);
  if (depth === names.length) return at.ends.forEach(found);
  const named = at.below.get(names[depth] as string);
  if (named) walk(named, names, depth + 1, found);
  const any = at.below.get('+');
  if (any) walk(any, names, depth + 1, found);
}

/** A filter as MQTT allows it: `+` and `#` alone in their level, `#` last; and no `$` in front. */
export function filterFault(filter: string): string | undefined {
  if (filter === '') return 'it is empty';
  if (filter.startsWith('$')) return 'topics that begin with $ are the broker’s own';
  const names = filter.split('/');
  const misplaced = names.some((name, at) => (/[+#]/.test(name) && name.length > 1) || (name === '#' && at !== names.length - 1));
  return misplaced ? '+ and # must stand alone in their level, and # last' : undefined;
}
