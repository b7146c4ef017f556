/** The name of one control in either language, whole: a state presses the same thing on the Chinese and on the English page. */
export function either(zh: string, en: string): RegExp {
  const literal = (name: string) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^(${literal(zh)}|${literal(en)})$`, 'u');
}
