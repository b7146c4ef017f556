import { outlineProblem } from '../registry/outline.ts';
import { capLimits } from './limits.ts';
import { CapMessage, type Ring } from './message.ts';
import { type CapProblem, type Element, readTree } from './tree.ts';

export type CapRead = { readonly message: CapMessage } | { readonly problems: readonly CapProblem[] };

/** `one`: at most once; `many`: any number; a function reads what lies inside. `skip`: known, and of no use here. */
type Field = 'one' | 'many' | 'skip' | ((reader: Reader, element: Element, path: string) => unknown);

const pair: Field = (reader, element, path) => reader.fields(element, path, { valueName: 'one', value: 'one' });

const areaFields: Record<string, Field> = {
  areaDesc: 'one',
  polygon: (reader, element, path) => reader.polygon(element.text, path),
  circle: (reader, element, path) => reader.circle(element.text, path),
  geocode: pair,
  altitude: 'skip',
  ceiling: 'skip',
};

const infoFields: Record<string, Field> = {
  language: 'one',
  category: 'many',
  event: 'one',
  responseType: 'many',
  urgency: 'one',
  severity: 'one',
  certainty: 'one',
  audience: 'skip',
  eventCode: pair,
  effective: 'one',
  onset: 'one',
  expires: 'one',
  senderName: 'one',
  headline: 'one',
  description: 'one',
  instruction: 'one',
  web: 'one',
  contact: 'one',
  parameter: pair,
  resource: 'skip',
  area: (reader, element, path) => reader.fields(element, path, areaFields),
};

const alertFields: Record<string, Field> = {
  identifier: 'one',
  sender: 'one',
  sent: 'one',
  status: 'one',
  msgType: 'one',
  source: 'one',
  scope: 'one',
  restriction: 'one',
  addresses: 'one',
  code: 'many',
  note: 'one',
  references: 'one',
  incidents: 'one',
  info: (reader, element, path) => reader.fields(element, path, infoFields),
};

/** A CAP 1.2 document, or everything that is wrong with it, each with its place and a sentence. Nothing in it is run or fetched. */
export function readCap(document: string): CapRead {
  const alert = readTree(document);
  if ('path' in alert) return { problems: [alert] };
  const reader = new Reader();
  const raw = reader.fields(alert, '/alert', alertFields);
  const { references } = raw;
  const parsed = CapMessage.safeParse({ ...raw, references: readReferences(typeof references === 'string' ? references : '') });
  if (!parsed.success) {
    reader.problems.push(
      ...parsed.error.issues.map(({ path, message }) => ({ path: ['/alert', ...path.map(String)].join('/'), message })),
    );
  }
  const known = new Set<string>();
  const problems = reader.problems.filter(({ path }) => !known.has(path) && known.add(path));
  return parsed.success && problems.length === 0 ? { message: parsed.data } : { problems: problems.slice(0, 50) };
}

/** `sender,identifier,sent` separated by blanks (§3.2.1); what is none of that fails in the schema. */
function readReferences(text: string): { sender: string; identifier: string; sent: string }[] {
  const words = text.split(/\s+/).filter((word) => word !== '');
  return words.map((word) => {
    const [sender = '', identifier = '', ...sent] = word.split(',');
    return { sender, identifier, sent: sent.join(',') };
  });
}

/** Elements become fields; what cannot is remembered with its place. */
class Reader {
  readonly problems: CapProblem[] = [];
  #points = 0;

  fields(element: Element, path: string, fields: Readonly<Record<string, Field>>): Record<string, unknown> {
    const found: Record<string, unknown> = {};
    for (const [name, field] of Object.entries(fields)) if (field === 'many' || typeof field === 'function') found[name] = [];
    for (const child of element.children) {
      const field = Object.hasOwn(fields, child.name) ? fields[child.name] : undefined;
      if (field === undefined) this.#wrong(`${path}/${child.name.slice(0, 60)}`, 'is not an element of CAP 1.2 here');
      else if (field !== 'skip') this.#put(found, child, path, field);
    }
    return found;
  }

  #put(found: Record<string, unknown>, child: Element, path: string, field: Exclude<Field, 'skip'>): void {
    const before = found[child.name];
    if (field === 'one') {
      if (before !== undefined) return this.#wrong(`${path}/${child.name}`, 'stands there twice');
      // An empty element says as little as none.
      if (child.text !== '') found[child.name] = child.text;
      return;
    }
    const list = before as unknown[];
    list.push(field === 'many' ? child.text : field(this, child, `${path}/${child.name}/${list.length}`));
  }

  /** §3.2.4: `lat,lon` pairs, at least four, the last the same as the first. */
  polygon(text: string, path: string): Ring {
    const words = text.split(/\s+/).filter((word) => word !== '');
    this.#points += words.length;
    if (words.length > capLimits.polygonPoints || this.#points > capLimits.messagePoints)
      return this.#no(path, `has too many points; ${capLimits.polygonPoints} at most`);
    const points = words.map(pointOf);
    if (points.length < 4 || words[0] !== words.at(-1))
      return this.#no(path, 'must have at least four points lat,lon, the last the same as the first');
    const ring = points.slice(0, -1).filter((point) => point !== null);
    if (ring.length < points.length - 1) return this.#no(path, 'has a point that is no lat,lon in degrees');
    const problem = outlineProblem({ kind: 'lonlat', ring });
    return problem === null ? ring : this.#no(path, `is no outline: ${problem}`);
  }

  /** §3.2.4: `lat,lon radius`, the radius in kilometres. */
  circle(text: string, path: string): { lat: number; lon: number; km: number } {
    const [centre = '', radius = '', ...more] = text.split(/\s+/);
    const point = pointOf(centre);
    const km = /^\d+(\.\d+)?$/.test(radius) ? Number(radius) : -1;
    if (point !== null && more.length === 0 && km >= 0 && km <= capLimits.circleKm) return { lat: point[1], lon: point[0], km };
    this.#wrong(path, 'must be lat,lon and a radius in km');
    return { lat: 0, lon: 0, km: 0 };
  }

  #no(path: string, message: string): Ring {
    this.#wrong(path, message);
    return [];
  }

  #wrong(path: string, message: string): void {
    if (this.problems.length < 50) this.problems.push({ path, message });
  }
}

/** `39.9,116.4` as longitude and latitude; null where it is none. */
function pointOf(word: string): [number, number] | null {
  const [, lat, lon] = /^([+-]?\d{1,3}(?:\.\d{1,15})?),([+-]?\d{1,3}(?:\.\d{1,15})?)$/.exec(word) ?? [];
  if (lat === undefined || lon === undefined) return null;
  return Math.abs(Number(lat)) <= 90 && Math.abs(Number(lon)) <= 180 ? [Number(lon), Number(lat)] : null;
}
