import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Exchange } from '../driver.ts';
import { limits } from './limits.ts';

export interface Traced {
  readonly at: number;
  readonly sent?: string;
  readonly heard?: string;
  readonly tookMs?: number;
  readonly note?: Text;
}

/** The last requests and answers of each device, for the installer who wonders why it is mute. */
export class Exchanges {
  readonly #byDevice = new Map<string, Exchange[]>();

  add(device: string, { at, sent, heard, tookMs, note }: Traced): void {
    const list = this.#byDevice.get(device) ?? [];
    this.#byDevice.set(device, list);
    list.push({
      at,
      ...(sent === undefined ? {} : { sent: printable(sent) }),
      ...(heard === undefined ? {} : { heard: printable(heard) }),
      ...(tookMs === undefined ? {} : { tookMs: Math.round(tookMs) }),
      ...(note === undefined ? {} : { note }),
    });
    if (list.length > limits.exchanges) list.shift();
  }

  of(device: string): readonly Exchange[] {
    return [...(this.#byDevice.get(device) ?? [])];
  }
}

/** What strangers sent may be shown, but neither steer a terminal nor fill a page. */
export function printable(text: string, longest: number = limits.exchangeChars): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, '\ufffd').slice(0, longest);
}
