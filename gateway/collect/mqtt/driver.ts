import type { Driver, DriverContext } from '../driver.ts';
import { MqttAddress } from './address.ts';
import { check } from './check.ts';
import { ForeignPort } from './foreign-port.ts';
import { OwnPort } from './own-port.ts';
import { isOwnBroker, type ForeignBroker, MqttPort, type OwnBroker } from './port.ts';

type Context = DriverContext<MqttPort, MqttAddress>;

/**
 * MQTT 3.1.1: devices that publish to the gateway's own broker (`listen`), or to a broker that is already there
 * (`connect`). Either way a message is acked only when it is on disk.
 */
export const driver: Driver<MqttPort, MqttAddress> = {
  name: 'mqtt',
  protocols: ['mqtt'],
  port: MqttPort,
  address: MqttAddress,
  check,
  start: (context: Context) =>
    isOwnBroker(context.port)
      ? new OwnPort(context as DriverContext<OwnBroker, MqttAddress>).start()
      : new ForeignPort(context as DriverContext<ForeignBroker, MqttAddress>).start(),
};
