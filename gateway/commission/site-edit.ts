import type { LocalSiteEdit } from '@yihu/device-profiles/vocabulary/local.ts';
import { type Document, isMap, isSeq, parseDocument } from 'yaml';

/**
 * The site file with one device more or less; comments and order of everything else stay. Whether it is a good site file is
 * for `Changes` to say. Null where the device to be removed is not in it.
 */
export function editSite(text: string, edit: LocalSiteEdit): string | null {
  const document = parseDocument(text);
  if ('add' in edit) addDevice(document, edit.add);
  else {
    const devices = document.get('devices');
    if (!isSeq(devices)) return null;
    const index = devices.items.findIndex((item) => isMap(item) && item.get('id') === edit.remove);
    if (index < 0) return null;
    devices.delete(index);
  }
  return written(document);
}

/** A device more, behind the others. */
export function addDevice(document: Document, device: object): void {
  const devices = document.get('devices');
  if (isSeq(devices)) {
    devices.flow = false;
    devices.add(document.createNode(device));
  } else document.set('devices', document.createNode([device]));
}

/** As a file again, its long lines as long as they were. */
export function written(document: Document): string {
  return document.toString({ lineWidth: 0 });
}
