import type { IncomingMessage } from 'node:http';
import type { Request } from '@yihu/device-profiles/protocols/http-event.ts';
import { isBodily } from '@yihu/device-profiles/protocols/http-event.ts';
import type { Json } from '@yihu/device-profiles/vocabulary/frame.ts';
import { type Read, readBody } from './document.ts';
import { opened } from './forms.ts';
import { limits } from './limits.ts';
import { MultipartError, MultipartReader, parameterOf, type Part, type PartHead } from './multipart.ts';

export interface Picture {
  readonly name: string;
  readonly type: 'image/jpeg' | 'image/png';
  readonly bytes: Uint8Array;
}

export interface RequestBody {
  readonly messages: readonly Json[];
  readonly pictures: readonly Picture[];
  /** Pictures that were left out. */
  readonly shed: number;
  readonly bytes: number;
  /** Why a part of it, or all, said nothing. */
  readonly unread?: string;
}

export type BodyProblem = { readonly tooLarge: true } | { readonly broken: string };

/** Reads what a device sent, and holds no more of it than the profile lets it say. Resolves when all of it was read. */
export async function readRequest(
  incoming: IncomingMessage,
  request: Request,
  pictures: readonly string[],
): Promise<RequestBody | BodyProblem> {
  const contentType = incoming.headers['content-type'] ?? '';
  const isMultipart = /^multipart\//i.test(contentType);
  const longest = isMultipart ? limits.requestBytes : request.longest;
  if (Number(incoming.headers['content-length'] ?? 0) > longest) return { tooLarge: true };
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  if (isMultipart) return readParts(incoming, new PartSorter(contentType, request, pictures));
  const bytes = await readWhole(incoming, longest);
  if (bytes === undefined) return { tooLarge: true };
  const read = readBody(bytes, { form: request.form, type, charset: parameterOf(contentType, 'charset') ?? '' });
  return said([read], [], 0, bytes.length);
}

/** A body that nobody reads must still be taken in: a connection that is cut would be tried again. */
export async function drain(incoming: IncomingMessage): Promise<boolean> {
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limits.requestBytes) return false;
  }
  return true;
}

async function readWhole(incoming: IncomingMessage, longest: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > longest) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function readParts(incoming: IncomingMessage, sorter: PartSorter): Promise<RequestBody | BodyProblem> {
  let bytes = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > limits.requestBytes) return { tooLarge: true };
      sorter.push(chunk);
    }
  } catch (error) {
    if (error instanceof MultipartError) return { broken: error.message };
    throw error;
  }
  return sorter.said(bytes);
}

/** Parts of a form: documents, plain fields, pictures that may be kept, and all the rest. */
class PartSorter {
  readonly #reader: MultipartReader;
  readonly #request: Request;
  readonly #reads: Read[] = [];
  readonly #fields: [string, Json][] = [];
  readonly #pictures: Picture[] = [];
  #shed = 0;
  #parts = 0;

  constructor(contentType: string, request: Request, pictures: readonly string[]) {
    this.#request = request;
    const isWanted = (head: PartHead) => pictureType(head) !== undefined && mayBeKept(head.name, pictures);
    this.#reader = new MultipartReader(parameterOf(contentType, 'boundary') ?? null, (head) => {
      if (isWanted(head)) return limits.pictureBytes;
      return isText(head) ? request.longest : 0;
    });
  }

  push(chunk: Buffer): void {
    for (const part of this.#reader.push(chunk)) {
      if (++this.#parts > limits.parts) throw new MultipartError('more parts than any device sends');
      this.#take(part);
    }
  }

  said(bytes: number): RequestBody {
    // Fields beside a document only describe it; alone they are the message.
    const isForm = this.#reads.every((read) => 'messages' in read && read.messages.length === 0) && this.#fields.length > 0;
    const form: Read = { messages: [Object.fromEntries(this.#fields.slice(0, limits.fields))], shed: 0 };
    const reads = isForm ? [form] : this.#reads;
    const unread = this.#reader.isInside ? 'half a part' : undefined;
    const body = said(reads, this.#pictures, this.#shed, bytes);
    return unread === undefined ? body : { ...body, unread };
  }

  #take({ head, body }: Part): void {
    const type = pictureType(head);
    if (body !== null && type !== undefined) return void this.#pictures.push({ name: head.name, type, bytes: body });
    if (body === null) return void this.#shed++;
    const text = Buffer.from(body.subarray(0, 64)).toString('latin1').trimStart();
    const isDocument = this.#request.form !== 'document' || /^[{[<]/.test(text);
    if (isDocument) this.#reads.push(readBody(body, { form: this.#request.form, type: head.type, charset: head.charset }));
    else if (!head.isFile) this.#fields.push([head.name, opened(Buffer.from(body).toString().slice(0, limits.textChars))]);
    else this.#shed++;
  }
}

/** Hikvision sends its event without any type: what does not say that it is something else may be text. */
function isText({ type, isFile }: PartHead): boolean {
  if (type === '') return !isFile;
  return (
    /^text\/|[/+](json|xml)$|^application\/(x-www-form-urlencoded|octet-stream)$/.test(type) &&
    !(isFile && type.endsWith('octet-stream'))
  );
}

function pictureType({ type }: PartHead): Picture['type'] | undefined {
  if (type === 'image/jpeg' || type === 'image/jpg' || type === 'image/pjpeg') return 'image/jpeg';
  return type === 'image/png' ? 'image/png' : undefined;
}

/** Only by name, and never one of a person's body. */
export function mayBeKept(name: string, pictures: readonly string[]): boolean {
  return pictures.includes(name) && !isBodily(name);
}

function said(reads: readonly Read[], pictures: readonly Picture[], shed: number, bytes: number): RequestBody {
  const messages = reads.flatMap((read) => ('messages' in read ? read.messages : []));
  const unread = reads.flatMap((read) => ('unread' in read ? [read.unread] : []))[0];
  const left = reads.reduce((sum, read) => sum + ('messages' in read ? read.shed : 0), shed);
  return { messages, pictures, shed: left, bytes, ...(unread === undefined ? {} : { unread }) };
}
