/**
 * Documents of the shapes of the standard's own examples (CAP 1.2 appendix A): a bare alert, a storm with outline and codes, a
 * report with an update, a bilingual one. Shapes alone: words, places and numbers are ours.
 */
const open = '<?xml version="1.0" encoding="UTF-8"?>\n<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">';

export interface Said {
  identifier?: string;
  sender?: string;
  sent?: string;
  status?: string;
  msgType?: string;
  references?: string;
  info?: readonly string[];
}

export function alertOf(said: Said): string {
  const { identifier = 'w-1', sender = 'qx@weather.example', sent = '2026-11-23T10:00:00+08:00', info = [] } = said;
  const references = said.references === undefined ? '' : `<references>${said.references}</references>`;
  return `${open}
  <identifier>${identifier}</identifier><sender>${sender}</sender><sent>${sent}</sent>
  <status>${said.status ?? 'Actual'}</status><msgType>${said.msgType ?? 'Alert'}</msgType><scope>Public</scope>
  ${references}${info.join('\n')}
</alert>`;
}

export interface SaidInfo {
  language?: string;
  category?: string;
  event?: string;
  severity?: string;
  expires?: string;
  headline?: string;
  area?: string;
}

export function infoOf(said: SaidInfo = {}): string {
  const language = said.language === undefined ? '' : `<language>${said.language}</language>`;
  return `<info>${language}<category>${said.category ?? 'Met'}</category><event>${said.event ?? '暴雨'}</event>
    <urgency>Expected</urgency><severity>${said.severity ?? 'Severe'}</severity><certainty>Likely</certainty>
    ${said.expires === undefined ? '' : `<expires>${said.expires}</expires>`}
    <senderName>市气象台</senderName><headline>${said.headline ?? '暴雨橙色预警'}</headline>
    <description>未来三小时降雨量可达 50 毫米。</description><instruction>请勿进入地下空间。</instruction>
    ${said.area ?? areaOf({ code: 'xingfu/xfl' })}</info>`;
}

export function areaOf({ code, polygon, circle }: { code?: string; polygon?: string; circle?: string }): string {
  return `<area><areaDesc>某地</areaDesc>${polygon === undefined ? '' : `<polygon>${polygon}</polygon>`}${
    circle === undefined ? '' : `<circle>${circle}</circle>`
  }${code === undefined ? '' : `<geocode><valueName>yihu:area</valueName><value>${code}</value></geocode>`}</area>`;
}
