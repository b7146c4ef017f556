import type { LocalSiteEdit } from '@yihu/device-profiles/vocabulary/local.ts';
import { isMap, isSeq, parseDocument } from 'yaml';

/**
 * The site file with one device more or less; comments and order of everything else stay. Whether it is a good site file is
 * for `Changes` to say. Null where the device to be removed is not in it.
 */
export function editSite(text: string, edit: LocalSiteEdit): string | null {
  const document = parseDocument(text);
  const devices = document.get('devices');
  if ('add' in edit) {
    const node = document.createNode(edit.add);
    if (isSeq(devices)) {
      devices.flow = false;
      devices.add(node);
    } else document.set('devices', document.createNode([edit.add]));
  } else {
    if (!isSeq(devices)) return null;
    const index = devices.items.findIndex((item) => isMap(item) && item.get('id') === edit.remove);
    if (index < 0) return null;
    devices.delete(index);
  }
  return document.toString({ lineWidth: 0 });
}
