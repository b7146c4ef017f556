import { httpEventOf } from '@yihu/device-profiles/protocols/http-event.ts';
import type { Driver } from '../driver.ts';
import { check } from './check.ts';
import { HttpPort } from './http-port.ts';
import { HttpEventAddress, HttpEventPort } from './port.ts';

/**
 * Devices that speak HTTP: they post events to `listen` and are answered when those are on disk; streams of theirs are held
 * open, what was missed is asked for, and commands go to them or wait until they ask.
 */
export const driver: Driver<HttpEventPort, HttpEventAddress> = {
  name: 'http-event',
  protocols: ['http-event'],
  port: HttpEventPort,
  address: HttpEventAddress,
  hasPictures: (_port, { profile, address }) => httpEventOf(profile).still !== undefined && address.host !== undefined,
  check,
  start: (context) => new HttpPort(context).start(),
};
