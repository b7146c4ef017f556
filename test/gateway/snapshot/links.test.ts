import { describe, expect, it } from 'vitest';
import { camerasOf } from '../../../gateway/snapshot/links.ts';

const keep = { pictures: 'keep' } as const;
const device = (id: string, place = {}, more = {}) => ({ id, place, profile: keep, ...more });
const looks = [
  { camera: 'gate', place: { building: '3' } },
  { camera: 'hall', place: { building: '3', unit: '2' } },
  { camera: 'floor', place: { building: '3', unit: '2', floor: '5' } },
];
const cameraOf = (one: ReturnType<typeof device>) => camerasOf([one], looks, (id) => id === 'cam-1').get(one.id);

describe('which camera looks where', () => {
  it('is the one that looks at the closest place around the device', () => {
    expect(cameraOf(device('a', { building: '3', unit: '2', floor: '5', room: '502' }))).toBe('floor');
    expect(cameraOf(device('a', { building: '3', unit: '2', floor: '6' }))).toBe('hall');
    expect(cameraOf(device('a', { building: '3', unit: '1' }))).toBe('gate');
  });

  it('is none for another building, or for a place not known well enough', () => {
    expect(cameraOf(device('a', { building: '4', unit: '2', floor: '5' }))).toBeUndefined();
    expect(cameraOf(device('a', { unit: '2' }))).toBeUndefined();
    expect(cameraOf(device('a'))).toBeUndefined();
  });

  it('is a camera’s own, and the one a device names goes before all', () => {
    expect(cameraOf(device('cam-1', { building: '3', unit: '2' }))).toBe('cam-1');
    expect(cameraOf(device('a', { building: '3', unit: '2' }, { snapshot: { camera: 'other' } }))).toBe('other');
    expect(cameraOf(device('cam-1', {}, { snapshot: { camera: 'other' } }))).toBe('other');
  });

  it('is none where the site or the profile says so', () => {
    expect(cameraOf(device('a', { building: '3' }, { snapshot: 'off' }))).toBeUndefined();
    const drop = { profile: { pictures: 'drop' } };
    expect(cameraOf(device('a', { building: '3' }, drop))).toBeUndefined();
    expect(cameraOf(device('a', { building: '3' }, { ...drop, snapshot: { camera: 'other' } }))).toBeUndefined();
  });
});
