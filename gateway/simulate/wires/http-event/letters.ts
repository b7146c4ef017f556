import { type HttpEventTransport, httpEventOf, type Request } from '@yihu/device-profiles/protocols/http-event.ts';
import type { SimulatedDevice } from '../../device.ts';
import type { Tree } from '../../said/forms.ts';
import { httpBody } from './body.ts';
import type { Letter } from './sender.ts';
import { corridor, mosaicJpeg } from '../../jpeg.ts';

const separator = 'simulated-part';

/** The requests a device makes of the gateway, as its profile has them. */
export class HttpLetters {
  readonly #device: SimulatedDevice;
  readonly #transport: HttpEventTransport;
  readonly #key: string | undefined;

  constructor(device: SimulatedDevice, key: string | undefined) {
    this.#device = device;
    this.#transport = httpEventOf(device.profile);
    this.#key = key;
  }

  /** Names of the requests of a kind. */
  named(kind: Request['is']): string[] {
    return Object.entries(this.#transport.listen).flatMap(([name, request]) => (request.is === kind ? [name] : []));
  }

  request(name: string): Request | undefined {
    return this.#transport.listen[name];
  }

  /** `raw`: this instead of what the tree would be written as. */
  write(request: Request, tree: Tree, raw?: Buffer): Letter {
    const { method } = request;
    const query = Object.entries(request.query).map(([name, word]): [string, string] => [
      name,
      word === '*' ? '1' : this.#fill(word),
    ]);
    const search = query.length === 0 ? '' : `?${new URLSearchParams(query).toString()}`;
    const target = this.#fill(request.path) + search;
    const login = request.path.includes('{key}') || this.#key === undefined ? {} : { 'X-Device-Key': this.#key };
    if (method === 'GET') return { method, target, headers: login, body: Buffer.alloc(0) };
    const { type, text } = httpBody(request.form, tree);
    if (raw === undefined && request.is === 'event' && this.#transport.pictures.length > 0) {
      const headers = { ...login, 'Content-Type': `multipart/form-data; boundary=${separator}` };
      return { method, target, headers, body: this.#withPictures(type, text) };
    }
    return { method, target, headers: { ...login, 'Content-Type': type }, body: raw ?? Buffer.from(text) };
  }

  #fill(text: string): string {
    const { name } = this.#transport.identity;
    return text.replaceAll('{key}', this.#key ?? 'none').replaceAll(`{${name}}`, String(this.#device.address['identity']));
  }

  #withPictures(type: string, text: string): Buffer {
    const part = (head: string, body: Buffer) => [
      Buffer.from(`--${separator}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`),
      body,
    ];
    const picture = mosaicJpeg({ columns: 40, rows: 30 }, corridor(40, 30, 0));
    const pictures = this.#transport.pictures.flatMap((name) => [
      ...part(`name="${name}"; filename="${name}.jpg"\r\nContent-Type: image/jpeg`, picture),
      Buffer.from('\r\n'),
    ]);
    const event = part(`name="event"\r\nContent-Type: ${type}`, Buffer.from(text));
    return Buffer.concat([...event, Buffer.from('\r\n'), ...pictures, Buffer.from(`--${separator}--\r\n`)]);
  }
}
