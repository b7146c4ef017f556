import type { Driver } from '../driver.ts';
import { check } from './check.ts';
import { OnvifRunning } from './onvif-port.ts';
import { OnvifAddress, OnvifPort } from './settings.ts';

/** ONVIF cameras: their events are pulled, their pictures asked for, their outputs switched; only where the site file allows. */
export const driver: Driver<OnvifPort, OnvifAddress> = {
  name: 'onvif',
  protocols: ['onvif'],
  port: OnvifPort,
  address: OnvifAddress,
  hasPictures: (_port, { address }) => address.pictures === 'on',
  check,
  start: async (context) => new OnvifRunning(context).start(),
};
