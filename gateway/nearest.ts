/** The known word closest to what was typed, if it is close enough to be a slip; among equals the one that begins like it. */
export function nearest(typed: string, known: readonly string[]): string | null {
  const scored = known
    .map((word) => ({ word, distance: distanceOf(typed, word) }))
    .sort((a, b) => a.distance - b.distance || sharedOf(typed, b.word) - sharedOf(typed, a.word));
  const best = scored[0];
  return best && best.distance <= Math.max(2, typed.length / 4) ? best.word : null;
}

/** How many letters two words begin with alike. */
function sharedOf(a: string, b: string): number {
  let shared = 0;
  while (shared < a.length && a[shared] === b[shared]) shared++;
  return shared;
}

/** Levenshtein distance. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
