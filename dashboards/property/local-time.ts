const two = (value: number) => String(value).padStart(2, '0');

/** A moment as it is written in a form: 2026-11-29 and 20:30, in the viewer's own time. */
export interface LocalTime {
  readonly day: string;
  readonly time: string;
}

/** 2026-11-23, for what lies months ahead or back. */
export function dateText(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function localTimeOf(at: number): LocalTime {
  const date = new Date(at);
  return { day: dateText(at), time: `${two(date.getHours())}:${two(date.getMinutes())}` };
}

/** Epoch ms; not a number where the time is none of the clock's 24 hours. */
export function momentOf({ day, time }: LocalTime): number {
  const [, hours, minutes] = /^([01]?\d|2[0-3])[:：]([0-5]\d)$/.exec(time.trim()) ?? [];
  return new Date(`${day}T${(hours ?? '').padStart(2, '0')}:${minutes ?? ''}`).getTime();
}
