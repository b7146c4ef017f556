import type { SiteDevice } from '@yihu/device-profiles/vocabulary/record.ts';
import { createIngest } from '../../../cloud/records/ingest.ts';
import { createPictures } from '../../../cloud/records/snapshot-pictures.ts';
import { createRules, readPlans } from '../../../cloud/response-rules.ts';
import { LogWriter, site, smoke502 } from '../records/workshop.ts';
import { openBeside, type World } from '../web/world.ts';
import { makePicture, sendPicture, takenRecord, type TestPicture } from './picture.ts';

interface Taken {
  readonly seed: number;
  /** Of the camera; with a room it hangs in a home. */
  readonly place: SiteDevice['place'];
  readonly gateway: string;
}

/** A camera's picture of the smoke that `raiseSmoke` raised, in a log of its own. */
export async function addPicture(
  world: World,
  { seed = 1, place = { building: '3', unit: '2' }, gateway = 'gw-1' }: Partial<Taken> = {},
): Promise<{ id: string; picture: TestPicture }> {
  const database = await openBeside(world);
  try {
    const rules = createRules({ plans: await readPlans(), profiles: new Map(), timeZone: 'Asia/Shanghai' });
    const at = Date.UTC(2026, 10, 23, 2, 0, 30) + seed;
    const camera = { id: `cam-${seed}`, profile: 'onvif.camera', name: { zh: `${seed}号摄像机` }, place };
    const picture = makePicture(seed);
    const record = takenRecord(picture, camera.id, at, { device: smoke502.id, alarm: 'smoke', episode: 1 });
    const batch = new LogWriter(`pictures-${seed}`).batch('alarm', site(at, smoke502, camera), record);
    await createIngest(database, rules).commit(gateway, [batch], at);
    await sendPicture(createPictures(database, rules), gateway, picture, at);
  } finally {
    await database.close();
  }
  const { items } = await world.cloud.records.listAlarms({ areas: ['xingfu'] }, { device: smoke502.id, gateway });
  const found = items.flatMap(({ snapshots }) => snapshots ?? []).find(({ camera }) => camera === `cam-${seed}`);
  if (found?.state !== 'here') throw new Error('the picture did not arrive');
  return { id: found.id, picture: makePicture(seed) };
}
