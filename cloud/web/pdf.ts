/** A line of a document: its size in points, and how far it stands from the one above. */
export interface PdfLine {
  readonly text: string;
  readonly size: number;
  readonly gap?: number;
}

/** A line of running text. */
export function row(text: string, gap = 0): PdfLine {
  return { text, size: 10.5, gap };
}

/** A heading and its lines; where there are none it says so. */
export function section(name: string, rows: readonly string[]): PdfLine[] {
  return [{ text: name, size: 13, gap: 8 }, ...(rows.length === 0 ? ['（无）'] : rows).map((text) => row(text))];
}

const [width, height, margin] = [595, 842, 50] as const;

/**
 * An A4 document of plain lines, as bytes of PDF 1.4 (ISO 32000-1). The letters are not inside: the font is named
 * `STSong-Light` with the encoding `UniGB-UTF16-H`, one of the predefined pairs (§9.7.5.2) for which every reader that can
 * show Chinese brings letters of its own. So no font has to be shipped, and the file is small.
 */
export function pdfOf(lines: readonly PdfLine[], title: string): Buffer {
  const pages = paginate(lines.flatMap(wrap));
  const first = 7;
  const objects: string[] = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Count ${pages.length} /Kids [${pages.map((_page, nth) => `${first + nth * 2} 0 R`).join(' ')}] >>`,
    '<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light-UniGB-UTF16-H /Encoding /UniGB-UTF16-H /DescendantFonts [4 0 R] >>',
    // CIDs 1–95 are the Latin letters, half as wide as the rest.
    '<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /DW 1000 /W [1 95 500] /FontDescriptor 5 0 R >>',
    '<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>',
    `<< /Title ${hex(`\ufeff${title}`)} >>`,
    ...pages.flatMap((page, nth) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${width} ${height}] /Resources << /Font << /F1 3 0 R >> >> /Contents ${first + nth * 2 + 1} 0 R >>`,
      streamOf(page, `${nth + 1} / ${pages.length}`),
    ]),
  ];
  return assemble(objects);
}

/** UTF-16BE, as the encoding wants it. */
function hex(text: string): string {
  return `<${Buffer.from(text, 'utf16le').swap16().toString('hex').toUpperCase()}>`;
}

function widthOf(letter: string): number {
  return letter >= ' ' && letter <= '~' ? 0.5 : 1;
}

/** Breaks a line where the paper ends: Chinese anywhere, as it is written. */
function wrap(line: PdfLine): PdfLine[] {
  const room = (width - 2 * margin) / line.size;
  const broken: PdfLine[] = [];
  let [text, used] = ['', 0];
  for (const letter of line.text.replaceAll(/\p{Cc}/gu, ' ')) {
    if (used + widthOf(letter) > room) {
      broken.push({ ...line, text, gap: broken.length === 0 ? (line.gap ?? 0) : 0 });
      [text, used] = ['', 0];
    }
    text += letter;
    used += widthOf(letter);
  }
  return [...broken, { ...line, text, gap: broken.length === 0 ? (line.gap ?? 0) : 0 }];
}

interface Placed extends PdfLine {
  readonly y: number;
}

function paginate(lines: readonly PdfLine[]): Placed[][] {
  const pages: Placed[][] = [[]];
  let y = height - margin;
  for (const line of lines) {
    y -= line.size * 1.5 + (line.gap ?? 0);
    if (y < margin) {
      pages.push([]);
      y = height - margin - line.size * 1.5;
    }
    pages.at(-1)?.push({ ...line, y });
  }
  return pages;
}

function streamOf(page: readonly Placed[], footer: string): string {
  const shown = [...page, { text: footer, size: 9, y: margin / 2 }];
  const body = shown
    .map(({ text, size, y }) => `BT /F1 ${size} Tf 1 0 0 1 ${margin} ${y.toFixed(1)} Tm ${hex(text)} Tj ET`)
    .join('\n');
  return `<< /Length ${body.length} >>\nstream\n${body}\nendstream`;
}

/** Objects are numbered from 1; the table at the end says at which byte each begins. Everything is ASCII. */
function assemble(objects: readonly string[]): Buffer {
  let text = '%PDF-1.4\n';
  const offsets = objects.map((object, nth) => {
    const at = text.length;
    text += `${nth + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const table = offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  text += `xref\n0 ${size}\n0000000000 65535 f \n${table}trailer\n<< /Size ${size} /Root 1 0 R /Info 6 0 R >>\nstartxref\n${text.length}\n%%EOF\n`;
  return Buffer.from(text, 'latin1');
}
