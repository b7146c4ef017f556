/** One message of an event stream (WHATWG HTML, 9.2 server-sent events): what it says, and its id where it has one. */
export interface Message {
  id: string;
  data: string;
}

/**
 * Takes the whole messages out of the text of an event stream as it comes in, in their order; one that is not whole yet waits for the rest.
 * Lines end with LF alone, as our cloud writes them; fields other than `id` and `data` are stepped over.
 */
export function messageReader(): (text: string) => Message[] {
  let rest = '';
  return (text) => {
    rest += text;
    const messages: Message[] = [];
    let begin = 0;
    for (let end = rest.indexOf('\n\n'); end !== -1; end = rest.indexOf('\n\n', begin)) {
      const message = messageOf(rest.slice(begin, end));
      if (message.data !== '') messages.push(message);
      begin = end + 2;
    }
    rest = rest.slice(begin);
    return messages;
  };
}

function messageOf(block: string): Message {
  const message = { id: '', data: '' };
  for (const line of block.split('\n')) {
    if (line.startsWith('data: ')) message.data += (message.data === '' ? '' : '\n') + line.slice('data: '.length);
    else if (line.startsWith('id: ')) message.id = line.slice('id: '.length);
  }
  return message;
}

/**
 * Opens an event stream and gives its messages to `take`, all that came together at once: a burst is one task of the page and not a
 * thousand, as an `EventSource` would make of it. Ends, or throws, when the stream does.
 */
export async function readMessages(address: string, signal: AbortSignal, take: (messages: Message[]) => void): Promise<void> {
  const response = await fetch(address, { signal, cache: 'no-store', headers: { accept: 'text/event-stream' } });
  const isStream = response.ok && response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  if (!isStream || response.body === null) throw new Error(`no event stream: ${response.status}`);
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  const read = messageReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    take(read(decoder.decode(value, { stream: true })));
  }
}
