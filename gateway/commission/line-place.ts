import type { Clock } from '../clock.ts';
import type { SerialShape } from '../collect/line/dialect.ts';
import { LinePort } from '../collect/line/settings.ts';
import { serialRoute } from '../collect/wire/serial.ts';
import { tcpRoute } from '../collect/wire/tcp.ts';
import type { Route } from '../collect/wire/wire.ts';

/** Where a line is: a serial port of this machine, or a serial server that passes its bytes on. */
export type LinePlace = { readonly path: string } | { readonly host: string; readonly port: number };

/** `/dev/ttyUSB0`, or `10.0.0.9:4196`. */
export function linePlace(text: string): LinePlace {
  const found = /^(\[[0-9a-fA-F:.]+\]|[^:/\s]+):(\d{1,5})$/.exec(text);
  if (!found) return { path: text };
  return { host: (found[1] ?? '').replace(/^\[|\]$/g, ''), port: Number(found[2]) };
}

export function placeText(place: LinePlace): string {
  return 'path' in place ? place.path : `${place.host}:${place.port}`;
}

/** The section of a site file that such a line would have. */
export function linePort(place: LinePlace): LinePort {
  return LinePort.parse('path' in place ? { mode: 'serial', ...place } : { mode: 'tcp', ...place });
}

export function lineRoute(place: LinePlace, shape: SerialShape, clock: Clock): Route {
  return 'path' in place ? serialRoute(place.path, shape) : tcpRoute(place.host, place.port, clock);
}
