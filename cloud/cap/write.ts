import { capNamespace, type CapArea, type CapInfo, CapMessage, type CapReference, type Ring } from './message.ts';

/** The message as a document, elements in the order of the standard's schema. @throws where it breaks a rule of the standard. */
export function writeCap(message: CapMessage): string {
  const checked = CapMessage.parse(message);
  const { identifier, sender, sent, status, msgType, source, scope, restriction, addresses } = checked;
  const head = fields({ identifier, sender, sent, status, msgType, source, scope, restriction, addresses });
  const { code, note, references, incidents, info } = checked;
  const tail = fields({ code, note, references: referencesText(references) || undefined, incidents });
  const body = [...head, ...tail, ...info.flatMap((one) => element('info', infoLines(one)))];
  return ['<?xml version="1.0" encoding="UTF-8"?>', `<alert xmlns="${capNamespace}">`, ...indent(body), '</alert>', ''].join(
    '\n',
  );
}

function referencesText(references: readonly CapReference[]): string {
  return references.map(({ sender, identifier, sent }) => `${sender},${identifier},${sent}`).join(' ');
}

function infoLines(info: CapInfo): string[] {
  const { language, category, event, responseType, urgency, severity, certainty } = info;
  const { effective, onset, expires, senderName, headline, description, instruction, web, contact } = info;
  return [
    ...fields({ language, category, event, responseType, urgency, severity, certainty }),
    ...info.eventCode.flatMap((code) => element('eventCode', fields(code))),
    ...fields({ effective, onset, expires, senderName, headline, description, instruction, web, contact }),
    ...info.parameter.flatMap((parameter) => element('parameter', fields(parameter))),
    ...info.area.flatMap((area) => element('area', areaLines(area))),
  ];
}

function areaLines({ areaDesc, polygon, circle, geocode }: CapArea): string[] {
  return [
    ...fields({ areaDesc, polygon: polygon.map(ringText), circle: circle.map(({ lat, lon, km }) => `${lat},${lon} ${km}`) }),
    ...geocode.flatMap((code) => element('geocode', fields(code))),
  ];
}

/** Latitude first, and closed by its first point. */
function ringText(ring: Ring): string {
  return [...ring, ...ring.slice(0, 1)].map(([lon, lat]) => `${lat},${lon}`).join(' ');
}

function fields(values: Readonly<Record<string, string | readonly string[] | undefined>>): string[] {
  return Object.entries(values).flatMap(([name, value]) =>
    [value ?? []].flat().map((text) => `<${name}>${escapeXml(text)}</${name}>`),
  );
}

function element(name: string, lines: readonly string[]): string[] {
  return [`<${name}>`, ...indent(lines), `</${name}>`];
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text between tags or in quotes; what XML cannot hold at all is left out. */
export function escapeXml(text: string): string {
  return text
    .replaceAll(/[&<>"]/g, (sign) => escapes[sign] ?? sign)
    .replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '');
}
