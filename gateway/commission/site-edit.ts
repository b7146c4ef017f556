import type { LocalDeviceChange, LocalDeviceEdit, LocalSiteEdit } from '@yihu/device-profiles/vocabulary/local-edit.ts';
import { type Document, type YAMLMap, isMap, isSeq, parseDocument } from 'yaml';

/**
 * The site file with one device more or less, or another as it is; comments and order of everything else stay. Whether it
 * is a good site file is for `Changes` to say. Null where the device to be changed or removed is not in it. `folder`: one
 * of profiles that the site file does not name yet.
 */
export function editSite(text: string, edit: LocalDeviceEdit, folder: string | null = null): string | null {
  const document = parseDocument(text);
  if ('add' in edit) {
    if (folder !== null) nameFolder(document, folder);
    if (edit.newPort) addTo(document, 'ports', portOf(edit.add.port, edit.newPort));
    addDevice(document, edit.add);
  } else {
    const devices = document.get('devices');
    if (!isSeq(devices)) return null;
    const id = 'remove' in edit ? edit.remove : edit.change.id;
    const index = devices.items.findIndex((item) => isMap(item) && item.get('id') === id);
    const device = devices.items[index];
    if (!isMap(device)) return null;
    if ('remove' in edit) devices.delete(index);
    else changeDevice(document, device, edit.change);
  }
  return written(document);
}

/** A device more, behind the others. */
export function addDevice(document: Document, device: object): void {
  addTo(document, 'devices', device);
}

function addTo(document: Document, section: 'devices' | 'ports', item: object): void {
  const items = document.get(section);
  if (isSeq(items)) {
    items.flow = false;
    items.add(document.createNode(item));
  } else document.set(section, document.createNode([item]));
}

function nameFolder(document: Document, folder: string): void {
  const folders = document.get('profiles');
  if (isSeq(folders)) folders.add(folder);
  else document.set('profiles', document.createNode([folder], { flow: true }));
}

function portOf(id: string, { driver, host, port }: NonNullable<Extract<LocalSiteEdit, { add: object }>['newPort']>): object {
  return { id, driver, ...(driver === 'line' ? { mode: 'tcp' } : {}), host, port };
}

/** As a file again, its long lines as long as they were. */
export function written(document: Document): string {
  return document.toString({ lineWidth: 0 });
}

function changeDevice(document: Document, device: YAMLMap, change: LocalDeviceChange): void {
  const { name, port, address = {}, place = {}, parts = {} } = change;
  // A name in both languages keeps the other one.
  if (name !== undefined) device.setIn(isMap(device.get('name')) ? ['name', 'zh'] : ['name'], name);
  if (port !== undefined) device.set('port', port);
  const put: Put = (path, value) => putIn(document, device, path, value);
  for (const [word, value] of Object.entries(address)) put(['address', word], value);
  for (const [word, value = ''] of Object.entries(place)) put(['place', word], value === '' ? null : value);
  putLimits(put, [], change);
  for (const [id, part] of Object.entries(parts)) putLimits(put, ['parts', id], part);
}

type Put = (path: readonly string[], value: string | number | boolean | null) => void;

function putLimits(
  put: Put,
  under: readonly string[],
  { params = {}, alarms = {} }: Pick<LocalDeviceChange, 'params' | 'alarms'>,
): void {
  for (const [id, value] of Object.entries(params)) put([...under, 'params', id], value);
  for (const [id, { forS, ...rest }] of Object.entries(alarms)) {
    if (forS !== undefined) put([...under, 'alarms', id, 'for'], forS === null ? null : `${forS}s`);
    for (const [word, value] of Object.entries(rest)) if (value !== undefined) put([...under, 'alarms', id, word], value);
  }
}

/** Null takes it out, and with the last of them what held it. */
function putIn(document: Document, device: YAMLMap, path: readonly string[], value: string | number | boolean | null): void {
  if (value === null) {
    if (device.hasIn(path)) device.deleteIn(path);
    for (let above = path.slice(0, -1); above.length > 0; above = above.slice(0, -1)) {
      const node = device.getIn(above);
      if (isMap(node) && node.items.length === 0) device.deleteIn(above);
    }
    return;
  }
  for (let depth = 1; depth < path.length; depth++)
    if (!isMap(device.getIn(path.slice(0, depth)))) device.setIn(path.slice(0, depth), document.createNode({}));
  device.setIn(path, value);
}
