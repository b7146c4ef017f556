export interface Position {
  /** Degrees, WGS 84. */
  readonly lon: number;
  readonly lat: number;
}

const earthMetres = 6_371_008.8;
const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** Straight line over the ground, whole metres (haversine, mean radius of the earth). */
export function metresBetween(a: Position, b: Position): number {
  const halfLat = Math.sin(radians(b.lat - a.lat) / 2);
  const halfLon = Math.sin(radians(b.lon - a.lon) / 2);
  const chord = halfLat * halfLat + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * halfLon * halfLon;
  return Math.round(2 * earthMetres * Math.asin(Math.min(1, Math.sqrt(chord))));
}
