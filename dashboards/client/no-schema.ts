/**
 * Stands in for zod in the browser's bundle. The screens take types and tables from the vocabulary; the schemas beside
 * them belong to the server's border and would cost every page 45 kB. Each schema becomes this one inert thing, and
 * parsing with it is a mistake that says so.
 */
const inert: unknown = new Proxy(() => inert, {
  get(_, name) {
    if (name === 'parse' || name === 'safeParse') throw new Error('the screens carry no schemas');
    return inert;
  },
});

export const z = inert;
