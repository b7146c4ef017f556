/** What we use of the package `smpp`, which ships no types. */
declare module 'smpp' {
  import type { EventEmitter } from 'node:events';
  import type { Server } from 'node:net';

  export interface Pdu {
    readonly command: string;
    readonly command_status: number;
    readonly sequence_number: number;
    readonly message_id?: string;
    readonly source_addr?: string;
    readonly esm_class?: number;
    readonly receipted_message_id?: string | Buffer;
    readonly message_state?: number;
    readonly short_message?: { readonly message: string | Buffer };
    response(more?: Readonly<Record<string, unknown>>): Pdu;
  }

  type Answered = (pdu: Pdu) => void;

  export interface Session extends EventEmitter {
    bind_transceiver(fields: Readonly<Record<string, unknown>>, answered: Answered): boolean;
    submit_sm(fields: Readonly<Record<string, unknown>>, answered: Answered): boolean;
    enquire_link(answered: Answered): boolean;
    unbind(answered: Answered): boolean;
    send(pdu: Pdu): boolean;
    destroy(): void;
  }

  export function connect(options: { host: string; port: number; tls?: boolean; servername?: string }): Session;
  export function createServer(onSession: (session: Session) => void): Server;
}
