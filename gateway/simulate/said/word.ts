/** What stands under a name as text; `usual` where there is nothing, or nothing that is a word. */
export function wordAt(fields: Readonly<Record<string, unknown>>, name: string, usual = ''): string {
  const value = fields[name];
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : usual;
}

/** The number at a key; `otherwise` where there is none, as where a text was never set. */
export function numberAt(fields: Readonly<Record<string, unknown>>, name: string, otherwise = 0): number {
  const number = Number(fields[name] ?? otherwise);
  return Number.isFinite(number) ? number : otherwise;
}
