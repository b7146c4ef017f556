import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { describeWith } from '../../needs.ts';
import { sheetRows } from '../../../cloud/registry/sheets/read.ts';
import { sheetLimits, SheetProblem, sheetSentences, type SheetRow } from '../../../cloud/registry/sheets/sheet.ts';
import { harmless, lettersOf, type Table, withoutApostrophe, writeCsv, writeXlsx } from '../../../cloud/registry/sheets/write.ts';
import { columnOf } from '../../../cloud/registry/sheets/xlsx.ts';

async function all(bytes: Buffer): Promise<SheetRow[]> {
  const rows: SheetRow[] = [];
  for await (const row of sheetRows(bytes)) rows.push(row);
  return rows;
}
const cellsOf = async (bytes: Buffer) => (await all(bytes)).map(({ cells }) => [...cells]);

/** What a file is refused for, or null where it was read. Anything but a sentence of ours is a failure. */
async function fault(bytes: Buffer): Promise<string | null> {
  try {
    await all(bytes);
    return null;
  } catch (error) {
    if (error instanceof SheetProblem) return error.fault;
    throw error;
  }
}

/** A workbook of given parts, for what no honest program writes. */
async function zipOf(parts: Record<string, string | Buffer>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, body] of Object.entries(parts)) zip.addBuffer(Buffer.from(body), name);
  zip.end();
  const pieces: Buffer[] = [];
  for await (const piece of zip.outputStream as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}
const workbook = '<workbook xmlns:r="x"><sheets><sheet name="1" sheetId="1" r:id="a"/></sheets></workbook>';
const relations = '<Relationships><Relationship Id="a" Type="t/worksheet" Target="worksheets/sheet1.xml"/></Relationships>';
const withSheet = (sheet: string | Buffer, more: Record<string, string> = {}) =>
  zipOf({ 'xl/workbook.xml': workbook, 'xl/_rels/workbook.xml.rels': relations, 'xl/worksheets/sheet1.xml': sheet, ...more });

describe('a csv file', () => {
  it.each([
    ['UTF-8', Buffer.from('姓名,电话\n王建国,13812345678\n')],
    ['UTF-8 with its mark', Buffer.from('\ufeff姓名,电话\r\n王建国,13812345678\r\n')],
    ['UTF-16', Buffer.from('\ufeff姓名\t电话\n王建国\t13812345678', 'utf16le')],
    // 姓名 王建国 in GB 18030, as an old spreadsheet saves it (GB 2312 code points: D0D5 C3FB, CDF5 BDA8 B9FA; 电话 B5E7 BBB0).
    ['GB 18030', Buffer.from('d0d5c3fb2cb5e7bbb00acdf5bda8b9fa2c31333831323334353637380a', 'hex')],
    ['semicolons', Buffer.from('姓名;电话\n王建国;13812345678')],
    ['quotes', Buffer.from('"姓名","电话"\n"王建国"," 13812345678 "')],
  ])('is read in %s', async (_name, bytes) => {
    expect(await cellsOf(bytes)).toEqual([['姓名', '电话'], ['王建国', '13812345678']]); // prettier-ignore
  });

  it('reads a four-byte character of GB 18030, and lines inside of quotes', async () => {
    // U+20000 𠀀 is 95328236 in GB 18030 (table of the standard); U+3400 㐀 is 8139EE39.
    expect(await cellsOf(Buffer.from('b5e7bbb00a953282360a8139ee39', 'hex'))).toEqual([['电话'], ['𠀀'], ['㐀']]);
    expect(await cellsOf(Buffer.from('甲,乙\n"一\n行",二'))).toEqual([['甲', '乙'], ['一\n行', '二']]); // prettier-ignore
  });

  it.each([
    ['no text at all', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3]), 'encoding'],
    ['a byte that is in no encoding', Buffer.from([0x61, 0xff, 0xff]), 'encoding'],
    ['half a character at the end', Buffer.from('姓名,电话\n王').subarray(0, -1), 'broken'],
    ['nothing', Buffer.alloc(0), 'empty'],
    ['a million columns', Buffer.from('a,'.repeat(1_000_000)), 'cell-too-long'],
    ['101 columns', Buffer.from('a,'.repeat(101) + 'a'), 'too-many-columns'],
    ['a cell without end', Buffer.from(`a\n${'x'.repeat(sheetLimits.cell + 1)}`), 'cell-too-long'],
    ['a quote that is never closed', Buffer.from(`a\n"${'x\n'.repeat(300_000)}`), 'cell-too-long'],
    ['too many rows', Buffer.from('a\n'.repeat(sheetLimits.rows + 2)), 'too-many-rows'],
    ['too many bytes', Buffer.alloc(sheetLimits.bytes + 1, 'a'), 'too-large'],
    ['UTF-16 that ends in the middle of a character', Buffer.from('fffe410042', 'hex'), 'broken'],
    ['UTF-16 with half of a pair', Buffer.from('fffe410000d84200', 'hex'), 'broken'],
    ['the old xls', Buffer.from('d0cf11e0a1b11ae100000000', 'hex'), 'old-format'],
  ])('is refused for %s', async (_name, bytes, code) => {
    const said = await fault(bytes);
    expect(said).toBe(code);
    expect(sheetSentences[code as keyof typeof sheetSentences].zh).toMatch(/[。]$/);
  });

  it('ends on any bytes, and whatever was written comes back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => void (await fault(Buffer.from(bytes)))),
      { numRuns: 200 },
    );
    const cell = fc
      .string({ unit: 'grapheme', maxLength: 12 })
      .map((text) => text.replace(/[\s\p{Cc}\p{Cf}]/gu, '').toWellFormed());
    const grid = fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(grid, async (rows) => {
        const [columns = [], ...rest] = rows.map(([first, ...more]) => [`x${first}`, ...more, 'end']);
        const table: Table = { name: 't', columns, rows: rest };
        const asRead = [columns, ...rest].map((cells) => cells.map((text) => harmless(text)));
        expect(await cellsOf(Buffer.from(writeCsv(table)))).toEqual(asRead);
        expect(await cellsOf(await writeXlsx([table]))).toEqual(asRead);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a formula in disguise', () => {
  it.each(['=1+1', '+86138', '-2', '@SUM(A1)', '\t=1', '\r=1', "=cmd|' /C calc'!A0"])(
    'is text when it is handed out: %j',
    async (text) => {
      const table = { name: 't', columns: ['a'], rows: [[text]] };
      expect(writeCsv(table).split('\r\n')[1]?.replace(/^"/, '')).toMatch(/^'/);
      expect(withoutApostrophe(harmless(text))).toBe(text);
      const sheet = await cellsOf(await writeXlsx([table]));
      expect(sheet[1]?.[0]).toMatch(/^'/);
    },
  );

  it('leaves honest text alone', () => {
    for (const text of ['王建国', "O'Brien", "'n", '13812345678', '']) {
      expect(harmless(text)).toBe(text);
      expect(withoutApostrophe(text)).toBe(text);
    }
  });
});

describe('an xlsx workbook', () => {
  it('counts columns as spreadsheets do', () => {
    expect([0, 25, 26, 51, 52, 701, 702].map(lettersOf)).toEqual(['A', 'Z', 'AA', 'AZ', 'BA', 'ZZ', 'AAA']);
    for (let column = 0; column < 2000; column += 1) expect(columnOf(`${lettersOf(column)}7`)).toBe(column);
    expect(columnOf('ABCDE1')).toBe(sheetLimits.columns);
  });

  it('keeps places of cells and rows that are left out, and joins the runs of a text', async () => {
    const sheet =
      '<worksheet><sheetData><row r="2"><c r="B2" t="inlineStr"><is><r><t>王</t></r><r><t>建国</t></r></is></c></row><row r="7"><c t="b"><v>1</v></c></row></sheetData></worksheet>';
    expect(await all(await withSheet(sheet))).toEqual([
      { number: 2, cells: ['', '王建国'] },
      { number: 7, cells: ['是'] },
    ]);
  });

  it.each([
    ['a million columns', '<row r="1">' + '<c><v>1</v></c>'.repeat(200) + '</row>', 'too-many-columns'],
    ['a column far out', '<row r="1"><c r="XFD1"><v>1</v></c></row>', 'too-many-columns'],
    ['too many rows', '<row><c><v>1</v></c></row>'.repeat(sheetLimits.rows + 2), 'too-many-rows'],
    ['a long cell', `<row><c t="str"><v>${'x'.repeat(sheetLimits.cell + 1)}</v></c></row>`, 'cell-too-long'],
    ['markup that ends early', '<row><c><v>1', 'broken'],
    ['markup that is none', '<row><<<', 'broken'],
    ['an entity of its own', '<row><c t="str"><v>&lol;</v></c></row>', 'broken'],
  ])('is refused for %s', async (_name, rows, code) => {
    expect(await fault(await withSheet(`<worksheet><sheetData>${rows}</sheetData></worksheet>`))).toBe(code);
  });

  it('unfolds no entities, and no text that never ends', async () => {
    const lol =
      '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet><sheetData><row><c t="str"><v>&b;</v></c></row></sheetData></worksheet>';
    expect(await fault(await withSheet(lol))).toBe('broken');
    expect(await fault(await withSheet(`<worksheet>${'x'.repeat(3 * sheetLimits.tagless)}</worksheet>`))).toBe('cell-too-long');
    expect(await fault(await withSheet(`<worksheet a="${'x'.repeat(3 * sheetLimits.tagless)}"/>`))).toBe('cell-too-long');
  });

  it.each([
    ['no workbook in it', { 'a.txt': 'hello' }],
    ['no relations', { 'xl/workbook.xml': workbook }],
    ['a sheet that is not there', { 'xl/workbook.xml': workbook, 'xl/_rels/workbook.xml.rels': relations }],
    [
      'no sheet that is shown',
      { 'xl/workbook.xml': workbook.replace('sheetId', 'state="hidden" sheetId'), 'xl/_rels/workbook.xml.rels': relations },
    ],
  ])('is none with %s', async (_name, parts) => {
    expect(await fault(await zipOf(parts))).toBe('not-a-workbook');
  });

  it('is given up while it unpacks, whatever it says of its size', async () => {
    const half = Buffer.concat([Buffer.from('<row><c><v>1</v></c></row>'), Buffer.alloc(sheetLimits.tagless / 2, ' ')]);
    const honest = await withSheet(
      Buffer.concat([Buffer.from('<worksheet><sheetData>'), ...Array.from({ length: 520 }, () => half)]),
    );
    expect(honest.length).toBeLessThan(sheetLimits.bytes / 8);
    const before = process.memoryUsage().rss;
    expect(await fault(honest)).toBe('too-large');
    // The directory says it is small: that is believed for no longer than it holds.
    const lying = Buffer.from(honest);
    lying.writeUInt32LE(1000, lying.lastIndexOf(Buffer.from('504b0102', 'hex')) + 24);
    expect(await fault(lying)).toBe('broken');
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024);
  });

  it('is refused wherever it is cut, and whatever byte of it is changed', async () => {
    const rows = Array.from({ length: 30 }, (_, nth) => [`王${nth}`, 13_800_000_000 + nth]);
    const good = await writeXlsx([{ name: '人', columns: ['姓名', '电话'], rows }]);
    expect(await fault(good)).toBeNull();
    for (let cut = 0; cut < good.length; cut += Math.ceil(good.length / 60)) {
      expect(await fault(good.subarray(0, cut)), `cut at ${cut}`).not.toBeNull();
    }
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const bent = Buffer.from(good);
        bent[at] = (bent[at] ?? 0) ^ change;
        await fault(bent);
      }),
      { numRuns: 200 },
    );
  });
});

describeWith(['openpyxl'], 'openpyxl, which nobody here wrote', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync('/tmp/yihu-sheets-');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const python = (program: string): string => {
    const { stdout, stderr, status } = spawnSync('/usr/bin/python3', ['-c', program], { encoding: 'utf8', cwd: folder });
    if (status !== 0) throw new Error(stderr);
    return stdout;
  };

  it('writes what we read: texts, numbers, days, formulas’ results left out, and a hidden sheet in front', async () => {
    python(`
import openpyxl, datetime
w = openpyxl.Workbook()
w.active.title = 'hidden'; w.active['A1'] = 'secret'; w.active.sheet_state = 'hidden'
s = w.create_sheet('人')
w.active = 1
s.append(['姓名', '身份证号', '电话', '出生', '面积', '日', '自定义'])
s.append(['王 建国', '11010519491231002X', 13812345678, datetime.date(1949, 12, 31), 88.5, datetime.datetime(1900, 2, 28), datetime.date(2000, 2, 29)])
s.append([None, 110105194912310020, None, None, True])
s['G2'].number_format = 'yyyy"年"m"月"d"日"'
s['B3'].number_format = '0'
w.save('a.xlsx')`);
    expect(await all(Buffer.from(readFileSync(path.join(folder, 'a.xlsx'))))).toEqual([
      { number: 1, cells: ['姓名', '身份证号', '电话', '出生', '面积', '日', '自定义'] },
      { number: 2, cells: ['王 建国', '11010519491231002X', '13812345678', '1949-12-31', '88.5', '1900-02-28', '2000-02-29'] },
      // Eighteen digits in a number cell are no longer the number that was typed.
      { number: 3, cells: ['', '1.10105E+17', '', '', '是'] },
    ]);
  });

  it('reads what we write, each text as a text', async () => {
    const table = {
      name: '居民',
      columns: ['姓名', '电话', '公式', '数'],
      rows: [
        ['王<&>"建国', '013812345678', '=1+1', 5],
        ['', null, '行\n二', 0],
      ],
    };
    writeFileSync(path.join(folder, 'b.xlsx'), await writeXlsx([table, { ...table, name: '二' }]));
    const said = JSON.parse(
      python(`
import openpyxl, json
w = openpyxl.load_workbook('b.xlsx')
print(json.dumps([w.sheetnames, [[(c.value, c.data_type) for c in r] for r in w.worksheets[0].iter_rows()]]))`),
    ) as unknown;
    expect(said).toEqual([
      ['居民', '二'],
      [
        [['姓名', 's'], ['电话', 's'], ['公式', 's'], ['数', 's']],
        [['王<&>"建国', 's'], ['013812345678', 's'], ["'=1+1", 's'], [5, 'n']],
        [[null, 'n'], [null, 'n'], ['行\n二', 's'], [0, 'n']],
      ],
    ]); // prettier-ignore
  });

  it('writes 30,000 rows that we read without holding them', async () => {
    python(`
import openpyxl
w = openpyxl.Workbook(write_only=True)
s = w.create_sheet('人')
for i in range(30001): s.append([f'姓名{i}', f'1380000{i:04d}', '3-2-502', '业主', '独居、吸氧', '2026-01-01'])
w.save('c.xlsx')`);
    let count = 0;
    for await (const row of sheetRows(readFileSync(path.join(folder, 'c.xlsx')))) count += row.cells.length > 0 ? 1 : 0;
    expect(count).toBe(30_001);
  });
});
