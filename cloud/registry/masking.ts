/** What is shown of a personal value to whoever needs to recognise it and not to have it. */

/** 138****1234; a shorter number shows nothing but its last two digits. */
export function maskPhone(phone: string): string {
  if (phone.length < 9) return `****${phone.slice(-2)}`;
  return `${phone.slice(0, 3)}****${phone.slice(-4)}`;
}

/** 王*: the first character, and no hint of how many follow. */
export function maskName(name: string): string {
  const [first = ''] = name;
  return `${first}*`;
}

/** 110*************02: the first three and the last two of an identity number; nothing of a short one. */
export function maskIdNumber(number: string): string {
  if (number.length < 12) return '*'.repeat(number.length);
  return `${number.slice(0, 3)}${'*'.repeat(number.length - 5)}${number.slice(-2)}`;
}
