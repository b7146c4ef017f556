import fc from 'fast-check';
import { expect, it } from 'vitest';
import { pictureFacts } from '../../../cloud/registry/plan-picture.ts';
import { corridor, mosaicJpeg } from '../../../gateway/simulate/jpeg.ts';
import { pngOf } from './picture-of.ts';

it('reads type and size from the bytes', () => {
  expect(pictureFacts(pngOf(1600, 900))).toEqual({ type: 'image/png', width: 1600, height: 900 });
  const jpeg = mosaicJpeg({ columns: 80, rows: 45 }, corridor(80, 45, 0));
  expect(pictureFacts(jpeg)).toEqual({ type: 'image/jpeg', width: 640, height: 360 });
});

it('refuses what is no picture, half a picture, or a picture with something behind it', () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
  const png = pngOf(16, 16);
  const jpeg = mosaicJpeg({ columns: 8, rows: 8 }, corridor(8, 8, 0));
  const wrong = [
    Buffer.from(svg),
    Buffer.from(`\ufeff<?xml version="1.0"?>${svg}`),
    Buffer.alloc(0),
    Buffer.from('GIF89a'),
    png.subarray(0, png.length - 4),
    Buffer.concat([png, Buffer.from(svg)]),
    jpeg.subarray(0, jpeg.length - 2),
    Buffer.concat([jpeg, Buffer.from(svg)]),
    pngOf(0, 10),
  ];
  for (const bytes of wrong) expect(pictureFacts(bytes)).toBe('not-a-picture');
});

it('refuses a picture no browser could draw', () => {
  expect(pictureFacts(pngOf(12_001, 10))).toBe('too-many-pixels');
  expect(pictureFacts(pngOf(10_000, 10_000))).toBe('too-many-pixels');
});

it('ends on every sequence of bytes, begun like a picture or not', () => {
  const begins = [Buffer.alloc(0), pngOf(16, 16).subarray(0, 33), Buffer.from([0xff, 0xd8, 0xff, 0xe0])];
  fc.assert(
    fc.property(fc.constantFrom(...begins), fc.uint8Array({ maxLength: 300 }), (begin, rest) => {
      const facts = pictureFacts(Buffer.concat([begin, rest]));
      expect(typeof facts === 'string' || facts.width > 0).toBe(true);
    }),
  );
});
