import { describe, expect, it } from 'vitest';
import { pdfOf } from '../../../cloud/web/pdf.ts';

/** Reads a document back as a reader does: from its end, by its table, object by object. */
function read(bytes: Buffer): { objects: string[]; texts: string[] } {
  const text = bytes.toString('latin1');
  const at = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1]);
  const table = text.slice(at);
  expect(table.startsWith('xref\n0 ')).toBe(true);
  const offsets = [...table.matchAll(/^(\d{10}) 00000 n $/gm)].map((match) => Number(match[1]));
  const objects = offsets.map((offset, nth) => {
    expect(text.slice(offset).startsWith(`${nth + 1} 0 obj\n`)).toBe(true);
    return text.slice(offset, text.indexOf('\nendobj', offset));
  });
  const shown = objects.flatMap((object) => [...object.matchAll(/<([0-9A-F]*)> Tj/g)]);
  return {
    objects,
    texts: shown.map((match) =>
      Buffer.from(match[1] ?? '', 'hex')
        .swap16()
        .toString('utf16le'),
    ),
  };
}

describe('a document of lines', () => {
  it('has a table that is true, streams as long as they say, and every letter it was given', () => {
    const { objects, texts } = read(
      pdfOf(
        [
          { text: '处置报告 20261123-07', size: 18 },
          { text: '𠮷 (括号) \\ 100%', size: 10 },
        ],
        '报告',
      ),
    );
    expect(texts).toEqual(['处置报告 20261123-07', '𠮷 (括号) \\ 100%', '1 / 1']);
    for (const object of objects.filter((one) => one.includes('stream'))) {
      const [, length = '', body = ''] = /\/Length (\d+) >>\nstream\n([\s\S]*)\nendstream/.exec(object) ?? [];
      expect(body).toHaveLength(Number(length));
    }
  });

  it('goes over to the next line at the edge of the paper and to the next page at its foot, and loses nothing', () => {
    const line = '长'.repeat(150);
    const { objects, texts } = read(
      pdfOf(
        Array.from({ length: 40 }, () => ({ text: line, size: 10 })),
        'x',
      ),
    );
    expect(texts.filter((text) => text.startsWith('长')).join('')).toHaveLength(6000);
    expect(Math.max(...texts.map((text) => text.length))).toBe(49);
    expect(objects.filter((object) => object.includes('/Type /Page /'))).toHaveLength(4);
    expect(objects[1]).toContain('/Count 4');
  });
});
