import { type HttpEventTransport, httpEventOf } from '@yihu/device-profiles/protocols/http-event.ts';
import { SimulatedDevice } from '../../device.ts';
import { Draft } from '../../said/draft.ts';
import type { Tree } from '../../said/forms.ts';
import { eventMessage, eventTypes, type Happening } from '../../said/message.ts';

type Backfill = NonNullable<HttpEventTransport['backfill']>;

const mostEvents = 10_000;

/** What a device can be asked for later: its events by number, found by the search its profile describes. */
export class HttpMemory {
  readonly #backfill: Backfill | undefined;
  /** The device as its search answers speak: the same events in other words. */
  readonly #historian: SimulatedDevice | undefined;
  readonly #events: { readonly serial: number; readonly tree: Tree }[] = [];

  constructor({ id, profile, address }: SimulatedDevice) {
    const { backfill } = httpEventOf(profile);
    this.#backfill = backfill;
    if (backfill === undefined) return;
    const decode = { [backfill.channel]: profile.decode[backfill.channel] ?? [] };
    this.#historian = new SimulatedDevice(id, { ...profile, decode }, address, () => 0);
  }

  remember(type: string, happening: Happening): void {
    const device = this.#historian;
    if (this.#backfill === undefined || device === undefined || !eventTypes(device.profile).includes(type)) return;
    const { payload } = eventMessage(device, type, happening);
    const tree = JSON.parse(Buffer.from(payload).toString()) as Record<string, Tree>;
    const item = new Draft();
    for (const [name, value] of Object.entries(tree)) item.place(this.#backfill.as[name] ?? `$.${name}`, value);
    this.#events.push({ serial: happening.serial, tree: item.tree() });
    if (this.#events.length > mostEvents) this.#events.shift();
  }

  /** The answer to a search; undefined where the request is none. Events come in no order, as many as were asked for. */
  search(method: string, target: string, body: string): string | undefined {
    const backfill = this.#backfill;
    if (backfill === undefined || method !== backfill.method) return undefined;
    const asked = { ...readTemplate(backfill.path, target), ...readTemplate(backfill.body, body) };
    if (readTemplate(backfill.path, target) === undefined || asked['from'] === undefined) return undefined;
    const [from, to] = [Number(asked['from']), Number(asked['to'] ?? Infinity)];
    const found = this.#events.filter(({ serial }) => serial >= from && serial <= to).slice(0, Number(asked['page'] ?? 10));
    const answer = new Draft();
    answer.place(
      backfill.list,
      found.map(({ tree }) => tree),
    );
    return JSON.stringify(answer.tree());
  }
}

/** What stands in the braces of a template in a text made from it; undefined where it was not. */
function readTemplate(template: string, text: string): Record<string, string> | undefined {
  const source = template.replaceAll(/\{([A-Za-z_]\w*)\}|[.*+?^${}()|[\]\\]/g, (match, name?: string) =>
    name === undefined ? `\\${match}` : `(?<${name}>[^"&]*)`,
  );
  const found = new RegExp(`^${source}$`).exec(text);
  return found ? { ...found.groups } : undefined;
}
