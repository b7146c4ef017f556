import type { Driver } from '../driver.ts';
import { checkPort } from './check.ts';
import { Poller } from './poller.ts';
import { ModbusAddress, ModbusPort } from './settings.ts';

/** Modbus TCP, RTU and RTU over TCP: reads what the profiles name, at their periods, and never one value for another. */
export const driver: Driver<ModbusPort, ModbusAddress> = {
  name: 'modbus',
  protocols: ['modbus'],
  port: ModbusPort,
  address: ModbusAddress,
  check: checkPort,
  start(context) {
    const poller = new Poller(context);
    poller.start();
    return Promise.resolve({
      stop: () => poller.stop(),
      state: () => poller.state(),
      counters: () => ({ ...poller.counters }),
    });
  },
};
