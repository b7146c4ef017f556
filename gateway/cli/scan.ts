import type { Command } from 'commander';
import { addScanCameras } from './scan-cameras.ts';
import { addScanLine } from './scan-line.ts';
import { addScanMqtt } from './scan-mqtt.ts';
import { addScanTcp } from './scan-tcp.ts';

export function addScan(program: Command): void {
  const scan = program.command('scan').description('找设备 / look for devices');
  for (const add of [addScanLine, addScanTcp, addScanCameras, addScanMqtt]) add(scan);
}
