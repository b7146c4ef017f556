import type { Tree } from '../../said/forms.ts';

type Fields = Readonly<Record<string, Tree>>;

/** A body as the device writes it, in the form its profile names. */
export function httpBody(form: string, tree: Tree): { readonly type: string; readonly text: string } {
  switch (form) {
    case 'form':
      return { type: 'application/x-www-form-urlencoded', text: new URLSearchParams(wordsOf(tree)).toString() };
    case 'lines':
      return { type: 'text/plain', text: `${lineOf(tree)}\n` };
    case 'list':
      return { type: 'text/plain', text: listOf(fieldsOf(tree)) };
    default:
      return { type: 'application/json', text: JSON.stringify(tree) };
  }
}

/** `pin=1⇥time=…`, or the columns alone. */
function lineOf(tree: Tree): string {
  const { columns, ...named } = fieldsOf(tree);
  if (Array.isArray(columns)) return columns.map(wordOf).join('\t');
  return wordsOf(named)
    .map(([name, word]) => `${name}=${word}`)
    .join('\t');
}

/** `Code=…;action=…;index=…;data={…}`; a bare word is only itself. */
function listOf({ text, ...named }: Fields): string {
  if (typeof text === 'string') return `${text}\n`;
  return `${wordsOf(named)
    .map(([name, word]) => `${name}=${word}`)
    .join(';')}\n`;
}

function wordsOf(tree: Tree): [string, string][] {
  return Object.entries(fieldsOf(tree)).map(([name, value]) => [name, wordOf(value)]);
}

function fieldsOf(tree: Tree): Fields {
  return typeof tree === 'object' && tree !== null && !Array.isArray(tree) ? tree : {};
}

function wordOf(value: Tree): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');
}
