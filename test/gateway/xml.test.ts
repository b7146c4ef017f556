import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readXml } from '../../gateway/xml.ts';

fc.configureGlobal({ seed: 20261123 });

/** Plain objects, so that they can be compared. */
const tree = (text: string): unknown => {
  const read = readXml(text);
  return 'tree' in read ? (JSON.parse(JSON.stringify(read.tree)) as unknown) : read.fault;
};

describe('a document', () => {
  it('is a tree of names without namespaces, attributes and text', () =>
    expect(
      tree(`<?xml version="1.0" encoding="UTF-8"?>
<!-- a camera -->
<tt:Notify xmlns:tt="http://www.onvif.org/ver10/schema" version='2.0'>
  <tt:Item Name="IsMotion" Value="true"/><tt:Item Name="Score" Value="7"/>
  <note lang="zh">移动侦测</note><empty/><void></void>
  <![CDATA[<raw> & text]]>
</tt:Notify>`),
    ).toEqual({
      Notify: {
        version: '2.0',
        Item: [
          { Name: 'IsMotion', Value: 'true' },
          { Name: 'Score', Value: '7' },
        ],
        note: { lang: 'zh', '#text': '移动侦测' },
        empty: '',
        void: '',
        '#text': '<raw> & text',
      },
    }));
  it('may have a raw & as cameras send it, and the five entities and character numbers', () =>
    expect(tree('<a b="1 & 2 &lt; 3">x & y &amp; z &#26085;&#x4e2d; &unknown; &#0; &#xD800;</a>')).toEqual({
      a: { b: '1 & 2 < 3', '#text': 'x & y & z 日中 &unknown; &#0; &#xD800;' },
    }));
  it('gives an attribute’s name to a child that has it too', () =>
    expect(tree('<a b="1"><b>2</b></a>')).toEqual({ a: { b: '2' } }));
  it('does not fall for inherited names', () => {
    const read = readXml('<__proto__><polluted>1</polluted></__proto__>');
    expect('tree' in read && Object.hasOwn(read.tree, '__proto__')).toBe(true);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('what is not one whole document is refused', () => {
  it.each([
    ['cut off in the text', '<a><b>1', 'malformed'],
    ['cut off before the end', '<a><b>1</b>', 'malformed'],
    ['cut off in a tag', '<a><b', 'malformed'],
    ['crossed', '<a><b></a></b>', 'malformed'],
    ['two roots', '<a/><b/>', 'malformed'],
    ['text beside the root', '<a/>hello', 'malformed'],
    ['no element', 'hello', 'malformed'],
    ['nothing', '', 'malformed'],
    ['an open comment', '<a><!-- <b></b></a>', 'malformed'],
    ['an open CDATA', '<a><![CDATA[ </a>', 'malformed'],
    ['an attribute without quotes', '<a b=1/>', 'malformed'],
    ['a DTD', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', 'dtd'],
    ['a DTD inside', '<a><!DOCTYPE b></a>', 'dtd'],
    ['deeper than 32', '<a>'.repeat(33) + '</a>'.repeat(33), 'too-deep'],
    ['more than 10000 elements', `<a>${'<b/>'.repeat(10_000)}</a>`, 'too-many'],
  ])('%s', (_name, text, fault) => expect(tree(text)).toBe(fault));
});

describe('any text', () => {
  it('written as XML by somebody else comes back', () => {
    const word = fc
      .string({ unit: fc.constantFrom('a', '中', '&', '<', '>', '"', "'", ' ', '1', '=') })
      .map((text) => text.trim());
    const escape = (text: string) =>
      text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
    fc.assert(
      fc.property(word, fc.array(word, { minLength: 2, maxLength: 5 }), (attribute, texts) => {
        const items = texts.map((text) => `<n:i>${escape(text)}</n:i>`).join('\n');
        expect(tree(`<r q="${escape(attribute)}">${items}</r>`)).toEqual({ r: { q: attribute, i: texts } });
      }),
    );
  });
  it('never throws', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '/',
      'a',
      'b:c',
      '="',
      '"',
      "'",
      '&',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '<?',
      '?>',
      '<!',
      ' ',
      '</a>',
      '<a>',
      '<a/>',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const read = readXml(pieces.join(''));
        expect('tree' in read || 'fault' in read).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
  it.each([
    ['opening tags', '<a>'.repeat(80_000)],
    ['one name', `<${'a'.repeat(250_000)}`],
    ['attributes', `<a ${'b="1" '.repeat(40_000)}`],
    ['bare names', `<a ${'b '.repeat(120_000)}/>`],
    ['blanks', `<a${' '.repeat(250_000)}`],
    ['open comments', '<a><!--'.repeat(36_000)],
    ['less-than signs', '<'.repeat(250_000)],
    ['ampersands', `<a>${'&'.repeat(250_000)}</a>`],
    ['entities', `<a>${'&amp;'.repeat(50_000)}</a>`],
    ['an open quote', `<a b="${' '.repeat(250_000)}`],
  ])('of a quarter of a megabyte of %s ends', (_name, text) => {
    const read = readXml(text);
    expect('tree' in read || 'fault' in read).toBe(true);
  });
});
