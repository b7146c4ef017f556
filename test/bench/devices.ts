import mqtt from 'mqtt';

/** `node test/bench/devices.ts <port> <devices> <points> <messages> <window>`: numbered load over MQTT QoS 1; prints one JSON line when the last PUBACK is there. */
const [port = 0, devices = 1, points = 10, messages = 1, window = 1] = process.argv.slice(2).map(Number);

function payload(n: number): string {
  const values = Array.from({ length: points }, (_, i) => [`p${i}`, Math.round(200 + 50 * Math.sin(n / 50 + i) * 10) / 10]);
  return JSON.stringify(Object.fromEntries(values));
}

async function device(index: number): Promise<void> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
    clientId: `dev-${index}`,
    clean: true,
    protocolVersion: 4,
  });
  let n = 0;
  const worker = async () => {
    while (n < messages) await client.publishAsync(`load/dev-${index}/up`, payload(n++), { qos: 1 });
  };
  await Promise.all(Array.from({ length: window }, worker));
  await client.endAsync();
}

const started = performance.now();
await Promise.all(Array.from({ length: devices }, (_, i) => device(i)));
process.stdout.write(`${JSON.stringify({ ms: performance.now() - started })}\n`);
