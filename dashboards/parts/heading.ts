/** What happened, without the place in front of it or behind it: the place has its own line, and must not push the rest off. */
export function headingOf(title: string, place: string): string {
  const before = title.startsWith(place) ? title.slice(place.length) : title;
  const rest = before.endsWith(place) ? before.slice(0, -place.length) : before;
  const heading = rest.replace(/^[\s,，·]+|[\s,，·]+$/g, '');
  return heading === '' ? title : heading;
}
