import { describe, expect, it } from 'vitest';
import { type Block, layOut } from '../../../cloud/web/paper/layout.ts';
import { latinWidths, widthOf, wrap } from '../../../cloud/web/paper/letters.ts';
import { type Mark, type Page, paper } from '../../../cloud/web/paper/page.ts';
import { documentOf } from '../../../cloud/web/paper/pdf.ts';
import { read } from './paper-reader.ts';

const about = { title: '报告', running: '运行报告 幸福里', made: '制表 2026-11-29', language: 'zh' } as const;
const long = '幸福里小区三号楼二单元地下二层消防水泵房（“JTY-GD-H8017”独立式感烟探测器）';

const end = (mark: Mark) => mark.x + widthOf(mark.text, mark.size);

/** The lines of a page that stand at the same height, from left to right. */
function linesOf(page: Page): Mark[][] {
  return [...Map.groupBy(page.marks, ({ y }) => y.toFixed(2)).values()].map((line) => line.toSorted((a, b) => a.x - b.x));
}

/** Nothing runs over a margin or into its neighbour, nor into the head or the foot of the page. */
function expectTidy(pages: readonly Page[]): void {
  for (const page of pages) {
    for (const line of linesOf(page)) {
      for (const [nth, mark] of line.entries()) {
        expect(mark.x).toBeGreaterThanOrEqual(paper.side);
        expect(end(mark)).toBeLessThanOrEqual(paper.width - paper.side + 0.02);
        expect(line[nth + 1]?.x ?? Infinity).toBeGreaterThan(end(mark));
      }
    }
    const body = page.marks.filter(({ y }) => y > 40 && y < paper.height - 46);
    expect(Math.min(...body.map(({ y }) => y))).toBeGreaterThanOrEqual(paper.foot);
  }
}

const table = (rows: readonly (readonly string[])[]): Block => ({
  kind: 'table',
  columns: [{ head: '设备' }, { head: '误报', end: 'right' }, { head: '原因' }],
  rows,
  none: '（无）',
});
const heads = ['设备', '误报', '原因'];
const textsOf = (page: Page | undefined) => (page?.marks ?? []).map(({ text }) => text);

describe('a document', () => {
  it('has a table that is true, streams as long as they say, and every letter it was given, in reading order', () => {
    const { objects, texts } = read(
      documentOf(
        [
          { kind: 'title', text: '处置报告 20261123-07' },
          {
            kind: 'facts',
            facts: [
              ['区域', '幸福里'],
              ['期间', '11 月'],
            ],
          },
          { kind: 'heading', text: '用量' },
          table([['𠮷 (括号) \\ 100%', '1,686.4', 'm³']]),
        ],
        about,
      ),
    );
    expect(texts.join('|')).toBe(
      `处置报告 20261123-07|区域|幸福里|期间|11 月|用量|${heads.join('|')}|𠮷 (括号) \\ 100%|1,686.4|m³|制表 2026-11-29|1 / 1`,
    );
    for (const object of objects.filter((one) => one.includes('stream'))) {
      const [, length = '', body = ''] = /\/Length (\d+) >>\nstream\n([\s\S]*)\nendstream/.exec(object) ?? [];
      expect(body).toHaveLength(Number(length));
    }
  });

  it('draws Latin letters as wide as it reckons: the reader is told the widths, and no letter is spaced like a Chinese one', () => {
    const { objects } = read(documentOf([{ kind: 'text', text: '用量 1686.4 kWh' }], about));
    const told = /\/Widths \[([\d ]+)\]/.exec(objects.find((one) => one.includes('/Times-Roman /Encoding')) ?? '')?.[1];
    expect(told?.split(' ').map(Number)).toEqual(latinWidths.slice(32));
    expect(widthOf('1686.4 kWh', 10)).toBeCloseTo(5 * 5 + 2.5 + 2.5 + 5 + 9.44 + 5);
    expect(widthOf('用量', 10)).toBe(20);
  });

  it('carries its number on every page and what it is on every page but the first, which has its title', () => {
    const pages = layOut(
      [{ kind: 'title', text: '运行报告' }, table(Array.from({ length: 300 }, (_none, nth) => [`${nth}`, '1', '']))],
      about,
    );
    expect(pages.length).toBeGreaterThan(5);
    pages.forEach((page, nth) => {
      expect(textsOf(page).slice(-2)).toEqual([about.made, `${nth + 1} / ${pages.length}`]);
      expect(textsOf(page)[0]).toBe(nth === 0 ? '运行报告' : about.running);
    });
  });
});

describe('a table', () => {
  it('stands in columns that do not meet and do not leave the page, and loses no letter of a long name', () => {
    const rows = Array.from({ length: 300 }, (_none, nth) => [nth % 3 === 0 ? long.repeat(3) : '烟感', `${nth * 977}`, long]);
    const pages = layOut([table(rows)], { ...about, running: long.repeat(4), made: long.repeat(4) });
    expectTidy(pages);
    const drawn = pages.flatMap(({ marks }) => marks.filter(({ x, size }) => size === 10 && x < 70)).map(({ text }) => text);
    expect(drawn.join('').replaceAll('设备', '')).toBe(rows.map(([name]) => name).join(''));
  });

  it('has its numbers end below each other, and its head above them on every page', () => {
    const pages = layOut([table(Array.from({ length: 120 }, (_none, nth) => ['烟感', `${7 ** (nth % 5)}`, '']))], about);
    expect(pages.length).toBeGreaterThan(2);
    for (const page of pages) {
      const from = textsOf(page)[0] === about.running ? 1 : 0;
      expect(textsOf(page).slice(from, from + 3)).toEqual(heads);
      const ends = page.marks.filter(({ text, size }) => size === 10 && /^\d+$|^误报$/.test(text)).map(end);
      expect(Math.max(...ends) - Math.min(...ends)).toBeLessThan(0.01);
    }
  });

  it('says so where there is no row', () => {
    expect(textsOf(layOut([table([])], about)[0])).toEqual(['（无）', about.made, '1 / 1']);
  });

  it('goes on over the page in the midst of a row that is longer than one', () => {
    const pages = layOut([table([['烟感', '1', long.repeat(150)]])], about);
    expect(pages.length).toBeGreaterThan(2);
    expectTidy(pages);
  });
});

describe('the end of a page', () => {
  it.each(Array.from({ length: 45 }, (_none, nth) => nth))('is no heading and no head without rows, %i lines down', (lines) => {
    const filling = Array.from({ length: lines }, (): Block => ({ kind: 'text', text: '一行' }));
    const pages = layOut(
      [...filling, { kind: 'heading', text: '标题' }, table(Array.from({ length: 30 }, () => ['烟感', '1', '无']))],
      about,
    );
    const on = pages.find((page) => textsOf(page).includes('标题'));
    const after = textsOf(on).slice(textsOf(on).indexOf('标题'), -2);
    expect(after.slice(0, 10)).toEqual(['标题', ...heads, '烟感', '1', '无', '烟感', '1', '无']);
    expectTidy(pages);
  });

  it('does not leave a note or the places to sign without the row above them', () => {
    for (let rows = 1; rows < 80; rows += 1) {
      const list = table(Array.from({ length: rows }, () => ['烟感', '1', '无']));
      const pages = layOut([list, { kind: 'note', text: '哈希' }, { kind: 'signatures', names: ['签字：'] }], about);
      expect(textsOf(pages.at(-1)).slice(-7, -2)).toEqual(['烟感', '1', '无', '哈希', '签字：']);
      expectTidy(pages);
    }
  });
});

describe('a line', () => {
  it('breaks between words and characters, and keeps a mark with what it belongs to', () => {
    expect(wrap('no letter of a word', 10, 50)).toEqual(['no letter of', 'a word']);
    expect(wrap('已经到了现场，正在', 10, 60)).toEqual(['已经到了现', '场，正在']);
    expect(wrap('他们在三号楼（东）', 10, 70)).toEqual(['他们在三号楼', '（东）']);
  });

  it('breaks in a word that no line has room for, and loses nothing of it', () => {
    const hash = '9f86d081884c7d65'.repeat(4);
    const lines = wrap(`哈希 ${hash}`, 10, 80);
    expect(lines.join('').replace('哈希', '').trim()).toBe(hash);
    expect(Math.max(...lines.map((line) => widthOf(line, 10)))).toBeLessThanOrEqual(80);
  });

  it('is not broken by letters that end lines, and draws composed what was written in parts', () => {
    expect(wrap('一\n二\u200b三 e\u0301', 10, 200)).toEqual(['一 二三 é']);
  });
});
