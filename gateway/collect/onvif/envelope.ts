import { type XmlTree, type XmlValue, readXml } from '../../xml.ts';
import { limits } from './limits.ts';
import { names } from './names.ts';
import { all, at, words } from './tree.ts';

/** Where a call goes by WS-Addressing; calls to a subscription need it, others do without. */
export interface Addressed {
  readonly action: string;
  readonly to: string;
  /** Reference parameters of a subscription, as elements to be sent back unchanged. */
  readonly parameters: string;
}

/** A whole SOAP 1.2 request. Bodies have no prefixes: small cameras look for names as text. */
export function envelope(body: string, security: string, addressed?: Addressed): string {
  const to = addressed ? addressing(addressed) : '';
  const header = security === '' && to === '' ? '' : `<s:Header>${to}${security}</s:Header>`;
  return (
    '<?xml version="1.0" encoding="UTF-8"?>' +
    `<s:Envelope xmlns:s="${names.envelope}" xmlns:a="${names.addressing}">${header}<s:Body>${body}</s:Body></s:Envelope>`
  );
}

function addressing({ action, to, parameters }: Addressed): string {
  return `<a:Action s:mustUnderstand="1">${escaped(action)}</a:Action><a:To s:mustUnderstand="1">${escaped(to)}</a:To>${parameters}`;
}

export function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

export interface Fault {
  /** The innermost subcode without its prefix, such as `NotAuthorized`; else the code. */
  readonly code: string;
  /** What the camera says; made printable where it is shown. */
  readonly reason: string;
}

/** An answer: its body, a fault the camera names, or nothing that could be read. */
export type Read = { readonly body: XmlValue } | { readonly fault: Fault } | { readonly unread: string };

/** Pure; no text makes it throw. */
export function readEnvelope(text: string): Read {
  if (text.trim() === '') return { unread: 'empty' };
  const read = readXml(text, { depth: limits.depth, elements: limits.elements });
  if ('fault' in read) return { unread: read.fault };
  const envelopes: XmlTree = read.tree;
  const body = at(envelopes, 'Envelope', 'Body');
  if (body === undefined) return { unread: 'no-envelope' };
  const fault = at(body, 'Fault');
  return fault === undefined ? { body } : { fault: faultOf(fault) };
}

/** SOAP 1.2 §5.4, and 1.1 §4.4 from cameras that never moved on. */
function faultOf(fault: XmlValue): Fault {
  const code = at(fault, 'Code');
  const [subcode, inner] = [at(code, 'Subcode'), at(code, 'Subcode', 'Subcode')];
  const value = [at(inner, 'Value'), at(subcode, 'Value'), at(code, 'Value'), at(fault, 'faultcode')].map(words).find(isThere);
  const reason = [...all(at(fault, 'Reason'), 'Text'), at(fault, 'Reason'), at(fault, 'faultstring')].map(words).find(isThere);
  return { code: localName(value ?? 'unknown').slice(0, 64), reason: (reason ?? '').slice(0, limits.textChars) };
}

function isThere(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}

export function localName(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1);
}
