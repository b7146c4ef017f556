/** Where a value is put in decides what would break out of it. */
export type Escape = (value: string) => string | undefined;

/** Fills the braces of a template; a name without a value stays empty. Undefined: a value that cannot stand there. */
export function fill(template: string, values: ReadonlyMap<string, string>, escape: Escape): string | undefined {
  let isFit = true;
  const filled = template.replaceAll(/\{([A-Za-z_]\w{0,31})\}/g, (_hole, name: string) => {
    const value = escape(values.get(name) ?? '');
    if (value === undefined) isFit = false;
    return value ?? '';
  });
  return isFit ? filled : undefined;
}

/** By the media type of the body. Text without a grammar takes no control characters: a line end would begin another command. */
export function escapeFor(type: string): Escape {
  const media = (type.split(';')[0] ?? '').trim().toLowerCase();
  if (/[/+]json$/.test(media)) return (value) => JSON.stringify(value).slice(1, -1);
  if (/[/+]xml$/.test(media)) return xmlText;
  if (media === 'application/x-www-form-urlencoded') return encoded;
  return (value) => (/\p{Cc}/u.test(value) ? undefined : value);
}

/** For a path and its query: nothing in a value can end a segment or begin another key. */
export const escapePath: Escape = (value) => (value === '.' || value === '..' ? undefined : encoded(value));

/** Raw: for words of our own making, such as what a profile wrote. */
export const asIs: Escape = (value) => value;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** XML 1.0 §2.2: control characters have no place in it, escaped or not. */
function xmlText(value: string): string | undefined {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(value)) return undefined;
  return value.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** Half of a surrogate pair has no UTF-8 (RFC 3629 §3). */
function encoded(value: string): string | undefined {
  return value.isWellFormed() ? encodeURIComponent(value) : undefined;
}
