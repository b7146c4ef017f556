/** Whether the platform knows the zone: `Z`, `+08:00`, or a name of the tz database. */
export function isZone(zone: string): boolean {
  if (zone === 'Z' || /^[+-](0\d|1[0-4]):[0-5]\d$/.test(zone)) return true;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
