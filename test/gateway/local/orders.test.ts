import { describe, expect, it } from 'vitest';
import { LocalOrders } from '../../../gateway/local/orders.ts';
import { Plant, settle } from '../act/plant.ts';
import { localServer, signedIn, emptyDesk } from '../web/desk.ts';

async function desk() {
  const plant = new Plant();
  const acts = await plant.boot();
  return { plant, acts, orders: new LocalOrders(acts) };
}

const open = { key: 'o-00000001', command: 'open', args: { door: 1 }, by: '王工' };
const pump = { key: 'p-00000001', command: 'pump', args: {}, by: '王工' };

describe('an order from the page', () => {
  it('shows accepted, sent and confirmed as they come, and is carried out once however often it is sent', async () => {
    const { plant, acts, orders } = await desk();
    expect(await orders.give('d1', open, 'one')).toMatchObject({
      order: { state: 'accepted', by: ['local/王工'], isOver: false },
    });
    expect(await orders.give('d1', open, 'one')).toHaveProperty('order');
    await settle();
    expect(orders.of('d1')).toMatchObject([{ state: 'sent', isReadBack: true, isOver: false, name: { zh: '开门' } }]);
    acts.heard('d1', [{ point: 'lock', value: 'open', quality: 'good', at: 0 }]);
    await settle();
    expect(orders.of('d1')).toMatchObject([{ state: 'confirmed', shown: 'open', isOver: true }]);
    expect(plant.wire).toHaveLength(1);
    expect(orders.of('d2')).toEqual([]);
  });

  it('that nothing shows in time is unknown, and one that the device refuses is refused, with the reason', async () => {
    const { plant, orders } = await desk();
    await orders.give('d1', open, 'one');
    await settle();
    await plant.clock.advance(6_000);
    expect(orders.of('d1')).toMatchObject([{ state: 'unknown', reason: { code: 'not-shown' } }]);
    plant.outcome = () => ({ state: 'refused', code: 'exception-2', zh: '没有这个地址', en: 'no such address' });
    await orders.give('d1', { ...open, key: 'o-00000002' }, 'one');
    await settle();
    expect(orders.of('d1')[0]).toMatchObject({ state: 'refused', reason: { code: 'exception-2' } });
  });

  it('with an argument out of its range is on record as refused, and nothing is sent', async () => {
    const { plant, orders } = await desk();
    expect(await orders.give('d1', { ...open, args: { door: 9 } }, 'one')).toMatchObject({ order: { state: 'refused' } });
    expect(await orders.give('d1', { ...open, key: 'o-00000003', command: 'none' }, 'one')).toHaveProperty('refused');
    expect(plant.wire).toEqual([]);
  });
});

describe('an order that needs two', () => {
  it('is sent only when another name from another browser agrees', async () => {
    const { plant, orders } = await desk();
    expect(await orders.give('d1', pump, 'one')).toMatchObject({ order: { state: 'awaiting' } });
    expect(orders.waiting()).toHaveLength(1);
    const id = orders.waiting()[0]?.id ?? '';
    expect(await orders.answer({ id, says: 'yes', by: '李工' }, 'one')).toMatchObject({
      refused: { zh: expect.stringContaining('第二人') as string },
    });
    expect(await orders.answer({ id, says: 'yes', by: '王工' }, 'two')).toHaveProperty('refused');
    expect(plant.wire).toEqual([]);
    expect(await orders.answer({ id, says: 'yes', by: '李工' }, 'two')).toMatchObject({
      order: { state: 'accepted', by: ['local/王工', 'local/李工'] },
    });
    await settle();
    expect(plant.wire).toHaveLength(1);
  });

  it('is not sent where somebody says no, nor where nobody answers', async () => {
    const { plant, orders } = await desk();
    await orders.give('d1', pump, 'one');
    const id = orders.waiting()[0]?.id ?? '';
    expect(await orders.answer({ id, says: 'no', by: '李工' }, 'one')).toMatchObject({
      order: { state: 'refused', reason: { code: 'declined' } },
    });
    await orders.give('d1', { ...pump, key: 'p-00000002' }, 'one');
    await plant.clock.advance(61_000);
    await settle();
    expect(orders.of('d1')[0]).toMatchObject({ state: 'expired', reason: { code: 'no-second-person' } });
    expect(plant.wire).toEqual([]);
  });
});

it('the commands of a device stand on its page with their arguments, limits and who must agree', async () => {
  const { orders } = await desk();
  const byId = new Map(orders.commands('d1').map((command) => [command.id, command]));
  expect(byId.get('open')).toMatchObject({
    needsTwo: false,
    isReadBack: true,
    args: [{ id: 'door', min: 1, max: 4, choices: null }],
  });
  expect(byId.get('pump')).toMatchObject({ needsTwo: true, isReadBack: false });
  expect(byId.get('set')?.args[1]?.choices?.map(({ value }) => value)).toEqual(['auto', 'hand']);
});

it('over the API an order is bound to its session, and what is malformed is named', async () => {
  const { orders } = await desk();
  const local = await localServer({ desk: { ...emptyDesk, orders } });
  const headers = await signedIn(local);
  const post = (url: string, payload: object) => local.app.inject({ method: 'POST', url, payload, headers });
  const given = await post('/api/devices/d1/orders', pump);
  expect(given.json()).toMatchObject({ order: { state: 'awaiting' } });
  const { id } = given.json<{ order: { id: string } }>().order;
  expect((await post('/api/orders/answer', { id, says: 'yes', by: '李工' })).statusCode).toBe(422);
  const bad = await post('/api/devices/d1/orders', { key: 'x', command: '', args: { door: null }, by: ' ', more: 1 });
  expect(bad.statusCode).toBe(400);
  expect(bad.json<{ issues: { path: string }[] }>().issues.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['/key', '/command', '/by']),
  );
  await local.stop();
});
