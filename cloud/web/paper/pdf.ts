import { type Block, layOut } from './layout.ts';
import { latinCode, latinWidths, type Run, runsOf } from './letters.ts';
import { type Bar, type Mark, type Page, paper } from './page.ts';

/** What a document says of itself: its title, the line that runs above its pages, when it was made, its language. */
export interface About {
  readonly title: string;
  readonly running: string;
  readonly made: string;
  readonly language: 'zh' | 'en';
}

/**
 * An A4 document as bytes of PDF 1.4 (ISO 32000-1). The letters are not inside: Latin ones are Times-Roman, one of the
 * fourteen every reader has (§9.6.2.2), the others `STSong-Light` with the encoding `UniGB-UTF16-H`, one of the predefined
 * pairs (§9.7.5.2) for which every reader that can show Chinese brings letters of its own. So no font has to be shipped, and
 * the file is small.
 */
export function documentOf(blocks: readonly Block[], about: About): Buffer {
  return pdfOf(layOut(blocks, about), about);
}

/** Pages that are laid out, as bytes. */
export function pdfOf(pages: readonly Page[], { title, language }: Pick<About, 'title' | 'language'>): Buffer {
  const first = 9;
  const objects: string[] = [
    `<< /Type /Catalog /Pages 2 0 R /Lang (${language === 'zh' ? 'zh-CN' : 'en'}) /ViewerPreferences << /DisplayDocTitle true >> >>`,
    `<< /Type /Pages /Count ${pages.length} /Kids [${pages.map((_page, nth) => `${first + nth * 2} 0 R`).join(' ')}] >>`,
    '<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light-UniGB-UTF16-H /Encoding /UniGB-UTF16-H /DescendantFonts [4 0 R] >>',
    '<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /DW 1000 /FontDescriptor 5 0 R >>',
    '<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>',
    `<< /Title ${hex(utf16(`\ufeff${title}`))} >>`,
    `<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding /WinAnsiEncoding /FirstChar 32 /LastChar 255 /Widths [${latinWidths.slice(32).join(' ')}] /FontDescriptor 8 0 R >>`,
    '<< /Type /FontDescriptor /FontName /Times-Roman /Flags 34 /FontBBox [-168 -218 1000 898] /ItalicAngle 0 /Ascent 683 /Descent -217 /CapHeight 662 /StemV 84 >>',
    ...pages.flatMap((page, nth) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${paper.width} ${paper.height}] /Resources << /Font << /F1 3 0 R /F2 7 0 R >> >> /Contents ${first + nth * 2 + 1} 0 R >>`,
      streamOf(page),
    ]),
  ];
  return assemble(objects);
}

function hex(bytes: Uint8Array): string {
  return `<${Buffer.from(bytes).toString('hex').toUpperCase()}>`;
}

function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

function streamOf({ bars, marks }: Page): string {
  const body = [...bars.map(barOf), '0 g 0 G', ...marks.map(markOf)].join('\n');
  return `<< /Length ${body.length} >>\nstream\n${body}\nendstream`;
}

function barOf({ x, y, width, height, shade }: Bar): string {
  return `${shade} g ${[x, y, width, height].map((one) => one.toFixed(2)).join(' ')} re f`;
}

/** Bold is a stroke around the letters (text rendering mode 2, §9.3.6): a bold face of both writings is not in every reader. */
function markOf({ text, x, y, size, bold }: Mark): string {
  const weight = bold ? `2 Tr ${(size * 0.03).toFixed(2)} w` : '0 Tr';
  return `BT ${weight} 1 0 0 1 ${x.toFixed(2)} ${y.toFixed(2)} Tm ${runsOf(text)
    .map((run) => runOf(run, size))
    .join(' ')} ET`;
}

function runOf({ face, text }: Run, size: number): string {
  if (face === 'song') return `/F1 ${size} Tf ${hex(utf16(text))} Tj`;
  return `/F2 ${size} Tf ${hex(Uint8Array.from(Array.from(text, latinCode)))} Tj`;
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
