const two = (value: number) => String(value).padStart(2, '0');

/** For `<input type="datetime-local">`: the viewer's own time, to the minute. */
export function localText(at: number): string {
  const date = new Date(at);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** 2026-11-23, for what lies months ahead or back. */
export function dateText(at: number): string {
  return localText(at).slice(0, 10);
}
