import type { Request } from '@yihu/device-profiles/protocols/http-event.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { meaningOf } from './meaning.ts';
import type { HttpDevice } from './port.ts';

/** One request of one profile, with the devices of the port that may make it. */
export interface Route {
  readonly name: string;
  readonly request: Request;
  readonly profile: Profile;
  readonly devices: readonly HttpDevice[];
}

/** A route that fits a request, and what stood in its braces. */
export interface Match {
  readonly route: Route;
  readonly key: string | undefined;
  readonly identity: string | undefined;
}

interface Compiled {
  readonly route: Route;
  readonly path: RegExp;
  /** What each group of the path is. */
  readonly groups: readonly string[];
  readonly identity: string;
}

/** Which request of which profile a target is; those that ask most of the query come first. */
export class Routes {
  readonly #compiled: readonly Compiled[];

  constructor(devices: readonly HttpDevice[]) {
    const byProfile = Map.groupBy(devices, ({ profile }) => profile);
    this.#compiled = [...byProfile]
      .flatMap(([profile, own]) => compileProfile(profile, own))
      .sort((a, b) => Object.keys(b.route.request.query).length - Object.keys(a.route.request.query).length);
  }

  get isEmpty(): boolean {
    return this.#compiled.length === 0;
  }

  match(method: string, path: string, query: URLSearchParams): Match[] {
    const bare = path.length > 1 ? path.replace(/\/$/, '') : path;
    return this.#compiled.flatMap((compiled) => {
      if (compiled.route.request.method !== method) return [];
      const found = compiled.path.exec(bare);
      const caught = found && caughtOf(compiled, found.slice(1));
      const asked = caught && askedOf(compiled, query);
      if (!asked) return [];
      const identity = caught.identity ?? asked.identity;
      // Where it stands twice it must be the same.
      if (caught.identity !== undefined && asked.identity !== undefined && caught.identity !== asked.identity) return [];
      return [{ route: compiled.route, key: caught.key, identity }];
    });
  }
}

function compileProfile(profile: Profile, devices: readonly HttpDevice[]): Compiled[] {
  const { listen, identity } = meaningOf(profile).transport;
  return Object.entries(listen).map(([name, request]) => {
    const groups: string[] = [];
    const source = request.path.replaceAll(/\{(\w+)\}|[^{]+/g, (part, hole?: string) => {
      if (hole === undefined) return part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
      groups.push(hole);
      return '([^/]{1,256})';
    });
    return { route: { name, request, profile, devices }, path: new RegExp(`^${source}$`), groups, identity: identity.name };
  });
}

function caughtOf({ groups, identity }: Compiled, values: readonly string[]): { key?: string; identity?: string } | undefined {
  const caught: { key?: string; identity?: string } = {};
  for (const [index, group] of groups.entries()) {
    const value = decoded(values[index] ?? '');
    if (value === undefined) return undefined;
    if (group === identity) caught.identity = value;
    else if (group === 'key') caught.key = value;
  }
  return caught;
}

function askedOf({ route, identity }: Compiled, query: URLSearchParams): { identity?: string } | undefined {
  const asked: { identity?: string } = {};
  for (const [name, wanted] of Object.entries(route.request.query)) {
    const value = query.get(name);
    if (value === null) return undefined;
    if (wanted === `{${identity}}`) asked.identity = value;
    else if (wanted !== '*' && wanted !== value) return undefined;
  }
  return asked;
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
