import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { issueSecret } from '../gateway/collect/mqtt/secret.ts';

/** 幸福里, three buildings with meters, climate, smoke detectors, leak sensors and doors; written once, at the first start. */

export interface DemoPorts {
  readonly modbusTcp: number;
  readonly modbusRtu: number;
  readonly mqtt: number;
  readonly local: number;
}

const building = (code: string) => ({ building: code });

interface DemoDevice {
  readonly id: string;
  readonly profile: string;
  readonly port: string;
  readonly address: Record<string, unknown>;
  readonly name: { readonly zh: string; readonly en: string };
  readonly place: Record<string, string>;
}

function meters(): DemoDevice[] {
  return ['1', '2', '3'].flatMap((code, i) => [
    {
      id: `meter-${code}`,
      profile: 'chint.ddsu666',
      port: 'rtu-basement',
      address: { unit: 11 + i },
      name: { zh: `${code}栋公共用电`, en: `Building ${code} common power` },
      place: { ...building(code), note: '地下室配电间' },
    },
    {
      id: `pump-${code}`,
      profile: 'eastron.sdm120',
      port: 'plant-room',
      address: { unit: 21 + i },
      name: { zh: `${code}栋水泵电表`, en: `Building ${code} pump meter` },
      place: { ...building(code), note: '水泵房' },
    },
    {
      id: `climate-${code}`,
      profile: 'generic.rs-ws',
      port: 'rtu-basement',
      address: { unit: 31 + i },
      name: { zh: `${code}栋配电间温湿度`, en: `Building ${code} switch room climate` },
      place: { ...building(code), note: '地下室配电间' },
    },
  ]);
}

function flats(): { code: string; unit: string; room: string }[] {
  return ['1', '2', '3'].flatMap((code) =>
    ['1', '2'].flatMap((unit) => ['301', '502', '701'].map((room) => ({ code, unit, room }))),
  );
}

function smokes(): Omit<DemoDevice, 'address'>[] {
  return flats().map(({ code, unit, room }) => ({
    id: `smoke-${code}-${unit}-${room}`,
    profile: 'heiman.hs1sa-e',
    port: 'wireless',
    name: { zh: `烟感 ${code}-${unit}-${room}`, en: `Smoke detector ${code}-${unit}-${room}` },
    place: { building: code, unit, floor: room[0] ?? '', room },
  }));
}

function leaks(): Omit<DemoDevice, 'address'>[] {
  return ['1', '2', '3'].map((code) => ({
    id: `leak-${code}`,
    profile: 'milesight.em300-mld.chirpstack',
    port: 'wireless',
    name: { zh: `${code}栋水浸`, en: `Building ${code} leak sensor` },
    place: { building: code, note: '地下车库 B1' },
  }));
}

function doors(): Omit<DemoDevice, 'address'>[] {
  return ['1', '2', '3'].flatMap((code) =>
    ['1', '2'].map((unit) => ({
      id: `door-${code}-${unit}`,
      profile: 'generic.door-controller',
      port: 'wireless',
      name: { zh: `${code}栋${unit}单元门禁`, en: `Building ${code} unit ${unit} door` },
      place: { building: code, unit, note: '单元门' },
    })),
  );
}

/** What the device calls itself on the wire; LoRaWAN sensors have an EUI, the others a name. */
function identityOf({ id, profile }: Omit<DemoDevice, 'address'>): string {
  if (!profile.startsWith('milesight.')) return id;
  return `24e124${Buffer.from(id).toString('hex').slice(-10).padStart(10, '0')}`;
}

/** The site file's path; made with fresh device secrets where it is not there yet. */
export function demoSite(folder: string, gateway: string, ports: DemoPorts): string {
  const file = join(folder, 'gateway.yaml');
  if (existsSync(file)) return file;
  const keyFile = join(folder, 'device.key');
  const secrets = join(folder, 'secrets');
  mkdirSync(secrets, { recursive: true, mode: 0o700 });
  const wireless = [...smokes(), ...leaks(), ...doors()].map((device): DemoDevice => {
    const { secret, hash } = issueSecret(keyFile);
    writeFileSync(join(secrets, device.id), secret, { mode: 0o600 });
    return { ...device, address: { identity: identityOf(device), secret: hash } };
  });
  const site = {
    schema: 'yihu-site/1',
    gateway: { id: gateway, name: { zh: '幸福里网关', en: 'Xingfuli gateway' } },
    data: 'gateway',
    listen: `127.0.0.1:${ports.local}`,
    store: { maxMegabytes: 512 },
    ports: [
      { id: 'plant-room', driver: 'modbus', host: '127.0.0.1', port: ports.modbusTcp },
      { id: 'rtu-basement', driver: 'line', mode: 'tcp', host: '127.0.0.1', port: ports.modbusRtu, baud: 9600 },
      { id: 'wireless', driver: 'mqtt', listen: `127.0.0.1:${ports.mqtt}`, login: 'required', deviceKeyFile: keyFile },
    ],
    devices: [...meters(), ...wireless],
  };
  writeFileSync(file, stringify(site, { lineWidth: 160 }), { mode: 0o600 });
  return file;
}
