/** What a simulated camera says and reads, as text: it shares nothing with the driver that it is there to try. */

const declarations = [
  ['SOAP-ENV', 'http://www.w3.org/2003/05/soap-envelope'],
  ['wsa5', 'http://www.w3.org/2005/08/addressing'],
  ['tds', 'http://www.onvif.org/ver10/device/wsdl'],
  ['trt', 'http://www.onvif.org/ver10/media/wsdl'],
  ['tr2', 'http://www.onvif.org/ver20/media/wsdl'],
  ['tev', 'http://www.onvif.org/ver10/events/wsdl'],
  ['tt', 'http://www.onvif.org/ver10/schema'],
  ['wsnt', 'http://docs.oasis-open.org/wsn/b-2'],
  ['ter', 'http://www.onvif.org/ver10/error'],
  ['tns1', 'http://www.onvif.org/ver10/topics'],
  ['sim', 'urn:yihu:simulated-camera'],
] as const;

export const namespaces = Object.fromEntries(declarations) as Readonly<Record<(typeof declarations)[number][0], string>>;

export function inEnvelope(body: string): string {
  const names = declarations.map(([prefix, uri]) => ` xmlns:${prefix}="${uri}"`).join('');
  return `<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope${names}><SOAP-ENV:Header/><SOAP-ENV:Body>${body}</SOAP-ENV:Body></SOAP-ENV:Envelope>`;
}

export function faultText(code: string, reason: string): string {
  return inEnvelope(
    `<SOAP-ENV:Fault><SOAP-ENV:Code><SOAP-ENV:Value>SOAP-ENV:Sender</SOAP-ENV:Value><SOAP-ENV:Subcode><SOAP-ENV:Value>${code}</SOAP-ENV:Value></SOAP-ENV:Subcode></SOAP-ENV:Code>` +
      `<SOAP-ENV:Reason><SOAP-ENV:Text xml:lang="en">${reason}</SOAP-ENV:Text></SOAP-ENV:Reason></SOAP-ENV:Fault>`,
  );
}

export interface Request {
  /** The local name of the call, and the namespace it is of. */
  readonly operation: string;
  readonly namespace: string;
  readonly text: string;
}

export function readRequest(text: string): Request {
  const [, prefix, operation = '', rest = ''] = /<(?:\w+:)?Body[^>]*>\s*<(?:(\w+):)?(\w+)([^>]*)>/.exec(text) ?? [];
  const declared = prefix === undefined ? /\sxmlns="([^"]*)"/.exec(rest) : new RegExp(`\\sxmlns:${prefix}="([^"]*)"`).exec(text);
  return { operation, namespace: declared?.[1] ?? '', text };
}

/** The words of the first element of a name. */
export function said(text: string, name: string): string {
  return new RegExp(`<(?:\\w+:)?${name}(?:\\s[^>]*)?>([^<]*)</`).exec(text)?.[1]?.trim() ?? '';
}

/** `PT20S`, `PT1M` in milliseconds. */
export function durationMs(text: string): number | undefined {
  const [whole, minutes, seconds] = /^PT(?:(\d+)M)?(?:(\d+)S)?$/.exec(text) ?? [];
  return whole === undefined ? undefined : Number(minutes ?? 0) * 60_000 + Number(seconds ?? 0) * 1000;
}

export type Items = Readonly<Record<string, string>>;

export interface CameraNotice {
  /** `RuleEngine/CellMotionDetector/Motion`. */
  readonly topic: string;
  readonly source?: Items;
  readonly data?: Items;
  /** Undefined where it is no property: such a message names no operation. */
  readonly operation?: 'Initialized' | 'Changed' | 'Deleted';
  /** An element item, such as an analysis makes it. */
  readonly element?: string;
}

export function noticeText({ topic, source = {}, data = {}, operation, element }: CameraNotice, at: number): string {
  const items = (values: Items) =>
    Object.entries(values)
      .map(([name, value]) => `<tt:SimpleItem Name="${name}" Value="${value}"/>`)
      .join('');
  const property = operation === undefined ? '' : ` PropertyOperation="${operation}"`;
  const more = element === undefined ? '' : `<tt:ElementItem Name="Object">${element}</tt:ElementItem>`;
  return (
    '<wsnt:NotificationMessage><wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">' +
    `tns1:${topic}</wsnt:Topic><wsnt:Message><tt:Message UtcTime="${timeText(at)}"${property}>` +
    `<tt:Source>${items(source)}</tt:Source><tt:Key/><tt:Data>${items(data)}${more}</tt:Data>` +
    '</tt:Message></wsnt:Message></wsnt:NotificationMessage>'
  );
}

export function timeText(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}

export function dateText(at: number): string {
  const date = new Date(at);
  const time = `<tt:Time><tt:Hour>${date.getUTCHours()}</tt:Hour><tt:Minute>${date.getUTCMinutes()}</tt:Minute><tt:Second>${date.getUTCSeconds()}</tt:Second></tt:Time>`;
  const day = `<tt:Date><tt:Year>${date.getUTCFullYear()}</tt:Year><tt:Month>${date.getUTCMonth() + 1}</tt:Month><tt:Day>${date.getUTCDate()}</tt:Day></tt:Date>`;
  return (
    '<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>Manual</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings>' +
    `<tt:UTCDateTime>${time}${day}</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>`
  );
}
