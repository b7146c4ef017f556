import type { RuleEdit } from '@yihu/device-profiles/vocabulary/site-rule.ts';
import { type Document, isMap, isSeq, parseDocument } from 'yaml';

/**
 * The site file with other limits for some rules; comments, order and everything else stay. Whether the limits are good is for
 * `Changes` to say. Null where a device is not in it.
 */
export function withRules(text: string, edits: readonly RuleEdit[]): string | null {
  const document = parseDocument(text);
  for (const edit of edits) if (!setRule(document, edit)) return null;
  return document.toString({ lineWidth: 0 });
}

const keys = ['limit', 'clear', 'for'];

function setRule(document: Document, { device, alarm, set }: RuleEdit): boolean {
  const devices = document.get('devices');
  if (!isSeq(devices)) return false;
  const index = devices.items.findIndex((item) => isMap(item) && item.get('id') === device);
  if (index < 0) return false;
  const path = ['devices', index, 'alarms', alarm];
  if (set === null) for (const key of keys) document.deleteIn([...path, key]);
  else {
    const { limit, clear, forMs } = set;
    const before: unknown = document.getIn(path);
    // A severity or a switch that somebody set by hand stays.
    if (!isMap(before)) document.setIn(path, document.createNode({}));
    for (const [key, value] of Object.entries({ limit, clear, for: `${forMs}ms` })) document.setIn([...path, key], value);
  }
  dropEmpty(document, path);
  dropEmpty(document, path.slice(0, -1));
  return true;
}

function dropEmpty(document: Document, path: readonly (string | number)[]): void {
  const node: unknown = document.getIn(path);
  if (isMap(node) && node.items.length === 0) document.deleteIn(path);
}
