import { expect } from 'vitest';

/** What a reader shows of one line: the codes of WinAnsiEncoding beyond Latin-1 are not among these tests' letters. */
function shownBy(line: string): string {
  return [...line.matchAll(/\/(F[12]) [\d.]+ Tf <([0-9A-F]*)> Tj/g)]
    .map(([, face, hex = '']) => {
      const bytes = Buffer.from(hex, 'hex');
      return face === 'F1' ? bytes.swap16().toString('utf16le') : bytes.toString('latin1');
    })
    .join('');
}

/** Reads a document back as a reader does: from its end, by its table, object by object. */
export function read(bytes: Buffer): { objects: string[]; texts: string[] } {
  const text = bytes.toString('latin1');
  const at = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1]);
  const table = text.slice(at);
  expect(table.startsWith('xref\n0 ')).toBe(true);
  const offsets = [...table.matchAll(/^(\d{10}) 00000 n $/gm)].map((match) => Number(match[1]));
  const objects = offsets.map((offset, nth) => {
    expect(text.slice(offset).startsWith(`${nth + 1} 0 obj\n`)).toBe(true);
    return text.slice(offset, text.indexOf('\nendobj', offset));
  });
  const lines = objects.flatMap((object) => [...object.matchAll(/^BT (.*) ET$/gm)]);
  return { objects, texts: lines.map(([, line = '']) => shownBy(line)) };
}
