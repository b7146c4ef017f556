import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { issueSecret } from '../gateway/collect/mqtt/secret.ts';

/** 幸福里, three buildings with meters, detectors, lifts, doors and a camera of the recorder; written once, at the first start. */

export interface DemoPorts {
  readonly modbusTcp: number;
  readonly modbusRtu: number;
  readonly mqtt: number;
  readonly camera: number;
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

/** On the same line as the Modbus meters: each speaks its own protocol, and all take their turn. */
function smartMeters(): DemoDevice[] {
  return ['1', '2', '3'].flatMap((code, i) => [
    {
      id: `energy-${code}`,
      profile: 'generic.dlt645-single-phase',
      port: 'rtu-basement',
      address: { meter: `00000000040${i + 1}` },
      name: { zh: `${code}栋充电棚电表`, en: `Building ${code} charging shed meter` },
      place: { ...building(code), note: '电动车棚' },
    },
    {
      id: `water-${code}`,
      profile: 'generic.cjt188-water',
      port: 'rtu-basement',
      address: { meter: `7833112233445${i + 1}` },
      name: { zh: `${code}栋总水表`, en: `Building ${code} water meter` },
      place: { ...building(code), note: '水泵房' },
    },
  ]);
}

function units(): { code: string; unit: string }[] {
  return ['1', '2', '3'].flatMap((code) => ['1', '2'].map((unit) => ({ code, unit })));
}

function lifts(): Omit<DemoDevice, 'address'>[] {
  return units().map(({ code, unit }) => ({
    id: `lift-${code}-${unit}`,
    profile: 'generic.lift-monitor.mqtt',
    port: 'wireless',
    name: { zh: `${code}栋${unit}单元电梯`, en: `Lift ${code}-${unit}` },
    place: { building: code, unit, note: '电梯' },
  }));
}

function gasDetectors(): Omit<DemoDevice, 'address'>[] {
  return units().flatMap(({ code, unit }) =>
    ['301', '502'].map((room) => ({
      id: `gas-${code}-${unit}-${room}`,
      profile: 'milesight.gs101.chirpstack',
      port: 'wireless',
      name: { zh: `燃气探测器 ${code}-${unit}-${room}`, en: `Gas detector ${code}-${unit}-${room}` },
      place: { building: code, unit, floor: room[0] ?? '', room },
    })),
  );
}

function helpButtons(): Omit<DemoDevice, 'address'>[] {
  return units().map(({ code, unit }) => ({
    id: `help-${code}-${unit}`,
    profile: 'milesight.ws101.chirpstack',
    port: 'wireless',
    name: { zh: `独居老人呼叫按钮 ${code}-${unit}-301`, en: `Call button ${code}-${unit}-301` },
    place: { building: code, unit, floor: '3', room: '301' },
  }));
}

function pressures(): Omit<DemoDevice, 'address'>[] {
  return ['1', '2', '3'].map((code) => ({
    id: `pressure-${code}`,
    profile: 'milesight.em500-pp.chirpstack',
    port: 'wireless',
    name: { zh: `${code}栋消防水压`, en: `Building ${code} fire main pressure` },
    place: { building: code, note: '消防泵房' },
  }));
}

function recorder(port: number): DemoDevice {
  return {
    id: 'recorder-1',
    profile: 'generic.onvif-camera',
    port: 'cameras',
    address: { host: '127.0.0.1', port, pictures: 'off' },
    name: { zh: '录像机大门通道', en: 'Gate camera of the recorder' },
    place: { building: '1', note: '监控室' },
  };
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
  return `24e124${createHash('sha256').update(id).digest('hex').slice(0, 10)}`;
}

/** The site file's path; made with fresh device secrets where it is not there yet. */
export function demoSite(folder: string, gateway: string, ports: DemoPorts): string {
  const file = join(folder, 'gateway.yaml');
  if (existsSync(file)) return file;
  const keyFile = join(folder, 'device.key');
  const secrets = join(folder, 'secrets');
  mkdirSync(secrets, { recursive: true, mode: 0o700 });
  const radio = [...smokes(), ...leaks(), ...doors(), ...lifts(), ...gasDetectors(), ...helpButtons(), ...pressures()];
  const wireless = radio.map((device): DemoDevice => {
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
      { id: 'cameras', driver: 'onvif' },
    ],
    network: { subnets: ['127.0.0.0/8'] },
    devices: [...meters(), ...smartMeters(), ...wireless, recorder(ports.camera)],
  };
  writeFileSync(file, stringify(site, { lineWidth: 160 }), { mode: 0o600 });
  return file;
}
