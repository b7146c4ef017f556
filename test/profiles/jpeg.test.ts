import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { corridor, mosaicJpeg } from '../../gateway/simulate/jpeg.ts';
import { plainJpeg, turnedJpeg } from '@yihu/device-profiles/vocabulary/jpeg.ts';

const picture = mosaicJpeg({ columns: 6, rows: 4 }, corridor(6, 4, 0));
const segment = (marker: number, body: Buffer | string) => {
  const bytes = Buffer.from(body);
  return Buffer.concat([Buffer.from([0xff, marker, (bytes.length + 2) >> 8, (bytes.length + 2) & 0xff]), bytes]);
};
/** The picture with something put in behind its first segment. */
const withInside = (...inside: Buffer[]) => {
  const head = 2 + 2 + picture.readUInt16BE(4);
  return Buffer.concat([picture.subarray(0, head), ...inside, picture.subarray(head)]);
};

describe('a picture as it may be kept', () => {
  it('is the picture itself, with its size', () => {
    expect(plainJpeg(picture)).toEqual({ bytes: picture, width: 48, height: 32, turn: 1 });
  });

  it('has nothing beside it of what cameras write about places and people', () => {
    const exif = segment(0xe1, 'Exif\0\0 GPS 31.2304 N 121.4737 E');
    const faces = segment(0xef, '{"faces":[{"name":"张三","box":[10,20,30,40],"feature":"AAECAwQ="}]}');
    const note = segment(0xfe, 'plate 粤BF12345');
    expect(plainJpeg(withInside(exif, faces, note))?.bytes.equals(picture)).toBe(true);
    const thumbnail = Buffer.concat([picture, Buffer.from('face crop: '), picture]);
    expect(plainJpeg(thumbnail)?.bytes.equals(picture)).toBe(true);
  });

  it('keeps how it is to be turned, in either byte order, as the one thing of what stood there', () => {
    const little = Buffer.from('49492a000800000002000f0102000c0000002600000012010300010000000600000000000000', 'hex');
    const big = Buffer.from('4d4d002a00000008000101120003000000010008000000000000', 'hex');
    const turns = [little, big].map((tiff) => {
      const given = withInside(segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), tiff, Buffer.from('GPS 31.2304 N')])));
      const plain = plainJpeg(given);
      if (plain === undefined) throw new Error('not taken');
      const turned = turnedJpeg(plain);
      expect(turned.includes('GPS')).toBe(false);
      expect(plainJpeg(turned)).toEqual(plain);
      return plain.turn;
    });
    expect(turns).toEqual([6, 8]);
    const odd = Buffer.from('4d4d002a000000080001011200030000000100090000', 'hex');
    expect(plainJpeg(withInside(segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), odd]))))?.turn).toBe(1);
  });

  it('keeps what its colours need', () => {
    const adobe = segment(0xee, 'Adobe\0d\0\0\0\0\0');
    expect(plainJpeg(withInside(adobe))?.bytes.equals(withInside(adobe))).toBe(true);
  });

  it('may have fill bytes, restart markers, stuffed bytes and several scans', () => {
    const scan = picture.indexOf(Buffer.from([0xff, 0xda]));
    const end = picture.length - 2;
    const again = Buffer.concat([
      picture.subarray(0, 2),
      Buffer.from([0xff, 0xff]),
      picture.subarray(2, end),
      Buffer.from([0xff, 0x00, 0xff, 0xd3, 0x12]),
      picture.subarray(scan, end),
      picture.subarray(end),
    ]);
    expect(plainJpeg(again)?.bytes.equals(again)).toBe(true);
  });

  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['a page', Buffer.from('<html>login</html>')],
    ['a PNG', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')],
    ['one that breaks off in its picture', picture.subarray(0, -2)],
    ['one that breaks off in its head', picture.subarray(0, 40)],
    ['one without a picture', Buffer.concat([picture.subarray(0, 20), picture.subarray(-2)])],
    ['one without a size', Buffer.from('ffd8ffda0008010100003f00aaffd9', 'hex')],
    [
      'one of nothing but notes',
      Buffer.concat([picture.subarray(0, 2), ...Array.from({ length: 2_000 }, () => segment(0xfe, ''))]),
    ],
  ])('is not %s', (_name, bytes) => expect(plainJpeg(bytes)).toBeUndefined());

  it('is judged without a throw, whatever the bytes, and what is taken is taken again unchanged', () => {
    const damaged = fc
      .array(fc.record({ at: fc.nat(picture.length - 1), byte: fc.nat(255) }), { maxLength: 12 })
      .map((changes) => {
        const bytes = Buffer.from(picture);
        for (const { at, byte } of changes) bytes[at] = byte;
        return bytes;
      });
    const any = fc.oneof(
      damaged,
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.concat([picture.subarray(0, 2), bytes])),
    );
    fc.assert(
      fc.property(any, (bytes) => {
        const plain = plainJpeg(bytes);
        if (plain) expect(plainJpeg(plain.bytes)?.bytes.equals(plain.bytes)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
