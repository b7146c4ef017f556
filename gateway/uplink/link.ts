import mqtt from 'mqtt';
import { topicOf } from '@yihu/device-profiles/vocabulary/uplink.ts';

/** What a connection needs: `mqtts://host:port` and PEM texts. */
export interface Connect {
  readonly url: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface LinkEvents {
  opened(): void;
  message(word: string, payload: Buffer): void;
  /** Called once, whatever ended it; the link is of no use afterwards. */
  closed(error: Error | undefined): void;
}

export interface Link {
  publish(word: string, payload: Buffer | string, qos: 0 | 1): void;
  end(): void;
}

const keepaliveSeconds = 15;
const connectTimeoutMs = 10_000;
const heardWords = ['cursor', 'command', 'kept', 'certificate', 'witness'];

/**
 * One MQTT 3.1.1 session over TLS 1.3, used once. The client library keeps nothing for later: it resends one packet per
 * round trip and forgets what is past 65,535; our log does both better.
 */
export function openLink(gateway: string, connect: Connect, events: LinkEvents): Link {
  // Handed through to `tls.connect`, which the client's own types do not say.
  const secure = { minVersion: 'TLSv1.3' } as const;
  const client = mqtt.connect(connect.url, {
    ...secure,
    clientId: gateway,
    protocolVersion: 4,
    clean: true,
    keepalive: keepaliveSeconds,
    connectTimeout: connectTimeoutMs,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    ca: connect.ca,
    cert: connect.cert,
    key: connect.key,
    rejectUnauthorized: true,
  });
  let ended = false;
  const end = (error: Error | undefined): void => {
    if (ended) return;
    ended = true;
    client.end(true);
    events.closed(error);
  };
  client.on('error', (error) => end(error));
  client.on('close', () => end(undefined));
  client.on('message', (topic, payload) => {
    const word = heardWords.find((known) => topic === topicOf(gateway, known));
    if (!ended && word !== undefined) events.message(word, payload);
  });
  client.on('connect', () => {
    client.subscribe(
      heardWords.map((word) => topicOf(gateway, word)),
      { qos: 1 },
      (error) => {
        if (error !== null) end(error);
        else if (!ended) events.opened();
      },
    );
  });
  return {
    publish: (word, payload, qos) => {
      // A publish that fails is followed by 'close'; the log sends it again from the cloud's cursor.
      if (!ended && client.connected) client.publish(topicOf(gateway, word), payload, { qos }, () => undefined);
    },
    end: () => end(undefined),
  };
}
