/** The edge of a band or a line without a break: x and y in turn, pixels. */
export type Edge = number[];

/** A value holds until the next. */
export function stepped(edge: Edge): Edge {
  const drawn: Edge = [];
  for (let at = 0; at < edge.length; at += 2) {
    const [x = 0, y = 0] = [edge[at], edge[at + 1]];
    const before = edge[at - 1];
    if (before !== undefined && before !== y) drawn.push(x, before);
    drawn.push(x, y);
  }
  return drawn;
}

/**
 * Of the points that share a column of pixels the first, the highest, the lowest and the last: more say nothing more. Where they are
 * all within a pixel, the last alone. The x never go back.
 */
export function thinned(edge: Edge): Edge {
  const drawn: Edge = [];
  for (let at = 0; at < edge.length;) {
    const [x = 0, first = 0] = [edge[at], edge[at + 1]];
    let [top, bottom, last] = [first, first, first];
    for (at += 2; at < edge.length && edge[at] === x; at += 2) {
      last = edge[at + 1] ?? last;
      if (last < top) top = last;
      if (last > bottom) bottom = last;
    }
    if (bottom - top > 1) drawn.push(x, first, x, top, x, bottom);
    drawn.push(x, last);
  }
  return drawn;
}
