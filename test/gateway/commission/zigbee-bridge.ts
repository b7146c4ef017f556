import mqtt from 'mqtt';
import { onTestFinished } from 'vitest';

const topic = (word: string) => `zigbee2mqtt/bridge/${word}`;

/** The other end as zigbee2mqtt 2 speaks: `bridge/info` is kept by the broker, requests are answered with their transaction. */
export async function bridge(url: string, { refuses = false, mostSeconds = 254 } = {}) {
  const client = await mqtt.connectAsync(url);
  onTestFinished(() => client.endAsync(true));
  const asked: number[] = [];
  const info = (until: number | null) =>
    client.publishAsync(
      topic('info'),
      JSON.stringify({ version: '2.6.0', permit_join: until !== null, ...(until !== null && { permit_join_end: until }) }),
      { qos: 1, retain: true },
    );
  await info(null);
  client.on('message', (_topic, payload) => {
    const { time, transaction } = JSON.parse(payload.toString()) as { time: number; transaction: string };
    asked.push(time);
    const answer = refuses
      ? { data: {}, status: 'error', error: 'coordinator is away', transaction }
      : { data: { time }, status: 'ok', transaction };
    client.publish(topic('response/permit_join'), JSON.stringify(answer), { qos: 1 });
    if (!refuses) void info(time === 0 ? null : Date.now() + Math.min(time, mostSeconds) * 1000);
  });
  await client.subscribeAsync(topic('request/permit_join'), { qos: 1 });
  const event = (type: string, data: object) => client.publishAsync(topic('event'), JSON.stringify({ type, data }), { qos: 1 });
  return { asked, info, event };
}
