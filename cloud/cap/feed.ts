import { escapeXml } from './write.ts';

export interface FeedEntry {
  readonly identifier: string;
  readonly title: string;
  /** With its offset; Atom (RFC 4287 §3.3) takes the same form. */
  readonly sent: string;
}

/** An Atom feed (RFC 4287) whose entries lead to the documents themselves. `base`: where this API is reached. */
export function atomFeed(feed: { base: string; updated: string; name: string; entries: readonly FeedEntry[] }): string {
  const entries = feed.entries.map(
    ({ identifier, title, sent }) => `  <entry>
    <id>urn:yihu:cap:${escapeXml(encodeURIComponent(identifier))}</id>
    <title>${escapeXml(title)}</title>
    <updated>${escapeXml(sent)}</updated>
    <link rel="alternate" type="application/cap+xml" href="${escapeXml(`${feed.base}/api/cap/messages/${encodeURIComponent(identifier)}`)}"/>
  </entry>`,
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<feed xmlns="http://www.w3.org/2005/Atom">',
    `  <id>${escapeXml(`${feed.base}/api/cap/feed`)}</id>`,
    `  <title>${escapeXml(feed.name)}</title>`,
    `  <updated>${escapeXml(feed.updated)}</updated>`,
    `  <author><name>${escapeXml(feed.name)}</name></author>`,
    ...entries,
    '</feed>',
    '',
  ].join('\n');
}
