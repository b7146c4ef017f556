import type { Form } from '@yihu/device-profiles/protocols/http-event.ts';
import type { Json } from '@yihu/device-profiles/vocabulary/frame.ts';
import { formFields, lineFields, listFields } from './forms.ts';
import { parseJson, withoutPictures } from './json.ts';
import { limits } from './limits.ts';
import { xmlContent } from './xml-content.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });
const gb18030 = new TextDecoder('gb18030', { fatal: true });

/** What a body says: messages, how many pictures were left out of it; or why it says nothing. */
export type Read =
  | { readonly messages: readonly Json[]; readonly shed: number }
  | { readonly unread: 'not-text' | 'not-json' | 'not-xml' | 'too-much' };

export interface BodyKind {
  readonly form: Form;
  /** Media type in lower case without parameters; '' where it was not said. */
  readonly type: string;
  readonly charset?: string;
}

/** Takes a body apart. Pure; no bytes make it throw. An empty body says nothing, and that is no fault. */
export function readBody(bytes: Uint8Array, kind: BodyKind): Read {
  const text = textOf(bytes, kind.charset);
  if (text === undefined) return { unread: 'not-text' };
  if (text.trim() === '') return { messages: [], shed: 0 };
  const read = readText(text, kind);
  if ('unread' in read) return read;
  let shed = 0;
  const messages = read.messages.map((message) => withoutPictures(message, () => void shed++));
  return { messages, shed };
}

function readText(text: string, { form, type }: BodyKind): { messages: readonly Json[] } | Extract<Read, { unread: string }> {
  switch (form) {
    case 'document':
      return readDocument(text);
    case 'form':
      return { messages: [formFields(text.trim())] };
    case 'list':
      return { messages: [listFields(text)] };
    case 'lines': {
      const isForm = type === 'application/x-www-form-urlencoded' && !text.includes('\t') && text.includes('&');
      if (isForm) return { messages: [formFields(text.trim())] };
      const lines = lineFields(text);
      return lines === undefined ? { unread: 'too-much' } : { messages: lines };
    }
  }
}

function readDocument(text: string): { messages: readonly Json[] } | Extract<Read, { unread: string }> {
  if (text.trimStart().startsWith('<')) {
    const content = xmlContent(text);
    return content === undefined ? { unread: 'not-xml' } : { messages: [content] };
  }
  const json = parseJson(text);
  if (json === undefined) return { unread: 'not-json' };
  if (!Array.isArray(json)) return { messages: [json] };
  return json.length > limits.lines ? { unread: 'too-much' } : { messages: json as readonly Json[] };
}

/** UTF-8 or GB 18030, by what is said and else by what fits: an old Chinese firmware says nothing, or the wrong thing. */
function textOf(bytes: Uint8Array, charset = ''): string | undefined {
  const said = /^gb/i.test(charset) || /^<\?xml[^>]*encoding=["']gb/i.test(latin1.decode(bytes.subarray(0, 100)));
  const [first, second] = said ? [gb18030, utf8] : [utf8, gb18030];
  return decoded(first, bytes) ?? decoded(second, bytes);
}

const latin1 = new TextDecoder('latin1');

function decoded(decoder: InstanceType<typeof TextDecoder>, bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined; // What `fatal` throws for malformed bytes (WHATWG Encoding §7.2).
    throw error;
  }
}
