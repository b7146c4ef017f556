import { mqttOf, type MqttTransport } from '@yihu/device-profiles/protocols/mqtt.ts';
import { z } from 'zod';
import type { BoundDevice } from '../driver.ts';
import { secretHash } from './secret.ts';

/** `address:` of a device on an MQTT port. */
export const MqttAddress = z.strictObject({
  /** Stands in the profile's topics, e.g. the EUI or the friendly name. */
  identity: z.string().min(1).max(128),
  /** Hash of the device's secret, made by `yihu-gateway secret`; never the secret itself. */
  secret: z.string().regex(secretHash, 'must be hmac-sha256: and 64 hex digits').optional(),
  /** Login name where it is not the identity: several devices behind one concentrator share one. */
  username: z.string().min(1).max(128).optional(),
});
export type MqttAddress = z.output<typeof MqttAddress>;

export type MqttDevice = BoundDevice<MqttAddress>;

/** The name a device logs in with. */
export function loginOf(device: MqttDevice): string {
  return device.address.username ?? device.address.identity;
}

/** The profile's MQTT section; undefined for a profile of another protocol. */
export function transportOf(device: MqttDevice): MqttTransport | undefined {
  return device.profile.transport.protocol === 'mqtt' ? mqttOf(device.profile) : undefined;
}

/** The topic filter of a channel with the device's identity in it. */
export function filterOf(transport: MqttTransport, filter: string, identity: string): string {
  return filter.replaceAll(`{${transport.identity.name}}`, identity);
}

/** What a device may subscribe to: its own commands and nothing else. */
export function commandTopic(identity: string): string {
  return `yihu/command/${identity}`;
}
