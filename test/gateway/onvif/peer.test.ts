import { Cam, Discovery } from 'onvif';
import { describe, expect, it } from 'vitest';
import type { CameraOptions } from '../../../gateway/simulate/wires/onvif/camera.ts';
import { camera, login, motion, until } from './rig.ts';
import { responder } from './responder.ts';

/** A client that nobody here wrote (npm onvif) against the simulated camera: what the driver is tried with is ONVIF. */
async function connect(options: Partial<CameraOptions>, clockOffMs = 0) {
  const simulated = await camera({ login, proofs: ['token'], ...options });
  simulated.manners.clockOffMs = clockOffMs;
  const client = await new Promise<Cam>((resolve, reject) => {
    const place = { hostname: '127.0.0.1', port: simulated.port, timeout: 5_000 };
    const cam: Cam = new Cam({ ...place, ...login }, (error) => (error ? reject(error) : resolve(cam)));
  });
  return { simulated, client };
}

const asked = <T>(call: (done: (error: Error | null, answer?: T) => void) => void) =>
  new Promise<T | undefined>((resolve, reject) => call((error, answer) => (error ? reject(error) : resolve(answer))));

describe('the simulated camera, to npm onvif', () => {
  it('is an ONVIF device with two profiles, pictures and outputs', async () => {
    const { simulated, client } = await connect({ streamUri: 'rtsp://127.0.0.1/main' });
    expect(await asked((done) => client.getDeviceInformation(done))).toMatchObject({
      manufacturer: 'Yihu',
      model: 'Simulated camera',
    });
    expect(client.profiles).toHaveLength(2);
    const still = await asked((done) => client.getSnapshotUri({ profileToken: 'sub' }, done));
    expect(still).toMatchObject({ uri: `http://127.0.0.1:${simulated.port}/picture/1/sub` });
    expect(await asked((done) => client.getStreamUri({ protocol: 'RTSP' }, done))).toMatchObject({
      uri: 'rtsp://127.0.0.1/main',
    });
    expect(simulated.wrongLogins).toBe(0);
  });

  it.each([
    ['has both media services', {}, 0],
    ['is from before GetServices', { hasServices: false, media: ['media'] }, 0],
    ['has a clock that is an hour late', {}, -3_600_000],
  ] as const)('%s, and its events are heard', async (_, options, clockOffMs) => {
    const { simulated, client } = await connect(options, clockOffMs);
    const heard: string[] = [];
    client.on('event', (message) => heard.push(JSON.stringify(message)));
    await until(() => simulated.countOf('PullMessages') > 0);
    simulated.say(motion());
    await until(() => heard.length === 1);
    expect(heard[0]).toContain('tns1:RuleEngine/CellMotionDetector/Motion');
    expect(heard[0]).toContain('"Name":"IsMotion","Value":true');
    client.removeAllListeners('event');
  });
});

describe('who answers probes here, to npm onvif', () => {
  it('is a camera', async () => {
    await responder({ addresses: 'http://127.0.0.1:8000/onvif/device_service' });
    const found = await new Promise<unknown>((resolve, reject) => {
      Discovery.probe({ timeout: 500, device: 'lo', resolve: false }, (error, cams) => (error ? reject(error) : resolve(cams)));
    });
    expect(JSON.stringify(found)).toContain('http://127.0.0.1:8000/onvif/device_service');
  });
});
