/** Small choices of one person on one machine: read once, written at once. */
export function readSetting(name: string): string | null {
  return localStorage.getItem(`yihu.${name}`);
}

export function keepSetting(name: string, value: string): void {
  localStorage.setItem(`yihu.${name}`, value);
}
