const two = (value: number) => String(value).padStart(2, '0');

/** 14:32:07, in the viewer's own time zone. */
export function clockText(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** 14:32 */
export function minuteText(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** 11-23 14:32 */
export function dayText(at: number): string {
  const date = new Date(at);
  return `${two(date.getMonth() + 1)}-${two(date.getDate())} ${minuteText(at)}`;
}

/** 14:32:07 on the day of `now`, 11-22 14:32 on another day. */
export function whenText(at: number, now: number): string {
  return new Date(at).toDateString() === new Date(now).toDateString() ? clockText(at) : dayText(at);
}

/** 14:32 on the day of `now`, 11-22 14:32 on another day. The end of a span is written on the day of its beginning. */
export function spanText(at: number, now: number): string {
  return new Date(at).toDateString() === new Date(now).toDateString() ? minuteText(at) : dayText(at);
}

/** A running timer: 00:41, 31:02, 2:05:09, and past a day 3d 02:05. Never negative. */
export function elapsedText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  if (hours === 0) return rest;
  if (hours < 24) return `${hours}:${rest}`;
  return `${Math.floor(hours / 24)}d ${two(hours % 24)}:${two(Math.floor((seconds % 3600) / 60))}`;
}

/** An ISO duration for `<time dateTime>`. */
export function isoDuration(ms: number): string {
  return `PT${Math.max(0, Math.floor(ms / 1000))}S`;
}
