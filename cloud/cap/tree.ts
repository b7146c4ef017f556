import { SaxesParser, type SaxesTagNS } from 'saxes';
import { capLimits } from './limits.ts';
import { capNamespace } from './message.ts';

/** An element of the message's own namespace, its text without the blanks around it. */
export interface Element {
  readonly name: string;
  readonly children: Element[];
  text: string;
}

/** What is wrong with a document, at which place: `/alert/info/0/area/0/polygon/0`. */
export interface CapProblem {
  readonly path: string;
  readonly message: string;
}

class Wrong extends Error {
  readonly at: CapProblem;

  constructor(path: string, message: string) {
    super(message);
    this.at = { path, message };
  }
}

/**
 * The document as a tree of the elements of CAP 1.2; elements of other namespaces (a signature) are passed over. A document
 * type is refused before anything of it is read, so there are no entities but XML's own five and nothing is fetched.
 */
export function readTree(document: string): Element | CapProblem {
  try {
    return parse(document);
  } catch (error) {
    if (error instanceof Wrong) return error.at;
    throw error;
  }
}

function parse(document: string): Element {
  const parser = new SaxesParser({ xmlns: true, position: true });
  const root: Element = { name: '', children: [], text: '' };
  const open: Element[] = [root];
  let foreign = 0;
  let elements = 0;
  parser.on('opentag', (tag: SaxesTagNS) => {
    elements += 1;
    if (elements > capLimits.elements) throw new Wrong('/', `has more than ${capLimits.elements} elements`);
    if (open.length + foreign > capLimits.depth) throw new Wrong('/', `is nested deeper than ${capLimits.depth}`);
    if (foreign > 0 || (open.length > 1 && tag.uri !== capNamespace)) return void (foreign += 1);
    if (open.length === 1) checkRoot(tag);
    const element: Element = { name: tag.local, children: [], text: '' };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('closetag', () => {
    if (foreign > 0) return void (foreign -= 1);
    const closed = open.pop();
    if (closed) closed.text = closed.text.trim();
  });
  const take = (piece: string): void => {
    const top = open.at(-1);
    if (foreign === 0 && top) top.text += piece;
  };
  parser.on('text', take);
  parser.on('cdata', take);
  parser.on('doctype', () => {
    throw new Wrong('/', 'has a document type (DOCTYPE), which is not accepted');
  });
  parser.on('error', (error) => {
    throw new Wrong('/', `is not well-formed XML: ${error.message.slice(0, 200)}`);
  });
  parser.write(document).close();
  const [alert] = root.children;
  if (!alert) throw new Wrong('/', 'is empty');
  return alert;
}

function checkRoot({ local, uri }: SaxesTagNS): void {
  if (local !== 'alert') throw new Wrong('/', `begins with <${local.slice(0, 60)}> instead of <alert>`);
  if (uri === capNamespace) return;
  throw new Wrong('/alert', `is of the namespace "${uri.slice(0, 120)}"; accepted is ${capNamespace}`);
}
