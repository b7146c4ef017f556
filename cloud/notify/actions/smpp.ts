import { createHash } from 'node:crypto';
import type { Pdu } from 'smpp';
import { z } from 'zod';
import type { Action, Receipt, Sent } from '../action.ts';
import { type Answer, SmppConnection } from '../smpp/connection.ts';
import { segmentsOf } from '../smpp/segments.ts';

const Settings = z.strictObject({
  host: z.string().min(1).max(253),
  port: z.number().int().min(1).max(65_535).default(2_775),
  tls: z.boolean().default(false),
  systemId: z.string().min(1).max(15),
  passwordFile: z.string(),
  /** The number or sign the messages come from. */
  source: z.string().max(20).default(''),
});

/** 短信 over SMPP 3.4, as an operator's message centre speaks it. */
export const action: Action<z.output<typeof Settings>> = {
  name: 'smpp',
  reaches: 'phone',
  settings: Settings,
  open({ host, port, tls, systemId, passwordFile, source }, { clock, secret, onReceipt }) {
    const onDeliver = (pdu: Pdu) => {
      const receipt = receiptOf(pdu);
      if (receipt) onReceipt(receipt);
    };
    const connection = new SmppConnection({ host, port, tls, systemId, password: secret(passwordFile), clock, onDeliver });
    return {
      async send({ id, text, link }, to) {
        const parts = segmentsOf(link === undefined ? text : `${text} ${link}`, referenceOf(id));
        let last: Answer = { failed: 'empty' };
        for (const [index, { dataCoding, udh, bytes }] of parts.entries()) {
          last = await connection.submit({
            source_addr: source,
            dest_addr_ton: 1,
            dest_addr_npi: 1,
            destination_addr: to.address.replace(/^\+/, ''),
            data_coding: dataCoding,
            esm_class: udh === undefined ? 0 : 0x40,
            // A receipt for the last part stands for all of them.
            registered_delivery: index === parts.length - 1 ? 1 : 0,
            short_message: udh === undefined ? bytes : { udh, message: bytes },
          });
          if ('failed' in last || last.said.command_status !== 0) break;
        }
        return sentOf(last);
      },
      close: () => connection.close(),
    };
  },
};

/** The same for every attempt, so that parts of a repeat are not mixed with others. */
function referenceOf(id: string): number {
  return createHash('sha256').update(id).digest()[0] ?? 0;
}

/** SMPP 3.4 §5.1.3: queue full, throttled, system error and unknown come again; the rest is about this message for good. */
const passing = new Set([0x08, 0x14, 0x45, 0x58, 0xff]);

function sentOf(answer: Answer): Sent {
  if ('failed' in answer)
    return {
      state: 'try-again',
      code: 'unreachable',
      reason: { zh: `短信中心不通（${answer.failed}）`, en: `The message centre cannot be reached (${answer.failed})` },
    };
  const { command_status: status, message_id: messageId } = answer.said;
  if (status === 0) {
    const providerId = messageId === undefined || messageId === '' ? undefined : messageId;
    return { state: 'accepted', providerId, receipt: providerId !== undefined };
  }
  const code = `0x${status.toString(16).padStart(8, '0')}`;
  const reason = { zh: `短信中心拒绝（${code}）`, en: `The message centre refuses it (${code})` };
  return { state: passing.has(status) ? 'try-again' : 'never', code, reason };
}

/** SMPP 3.4 appendix B: `id:… stat:DELIVRD err:000 …`, or the optional parameters of §5.3.2. */
function receiptOf(pdu: Pdu): Receipt | undefined {
  const isReceipt = ((pdu.esm_class ?? 0) & 0x3c) === 0x04;
  if (!isReceipt) return undefined;
  const text = String(pdu.short_message?.message ?? '');
  const providerId = String(pdu.receipted_message_id ?? /\bid:(\S+)/.exec(text)?.[1] ?? '').replace(/\0+$/, '');
  const word = /\bstat:([A-Z]+)/.exec(text)?.[1] ?? stateWords[pdu.message_state ?? -1];
  if (providerId === '' || word === undefined) return undefined;
  if (word === 'DELIVRD') return { providerId, state: 'delivered' };
  // ENROUTE and ACCEPTD are on their way: nothing new.
  return word === 'ENROUTE' || word === 'ACCEPTD' ? undefined : { providerId, state: 'failed', code: word };
}

/** §5.2.28. */
const stateWords: Readonly<Record<number, string>> = {
  1: 'ENROUTE',
  2: 'DELIVRD',
  3: 'EXPIRED',
  4: 'DELETED',
  5: 'UNDELIV',
  6: 'ACCEPTD',
  7: 'UNKNOWN',
  8: 'REJECTD',
};
