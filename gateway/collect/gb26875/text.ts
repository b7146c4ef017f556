const decoder = new TextDecoder('gb18030');

/**
 * 部件说明: GB 18030, cut at the first NUL (behind it stands what was in the panel's memory), without the half of a character
 * that a text too long for its field ends in, and without anything that steers a screen.
 */
export function panelText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  const text = decoder.decode(end === -1 ? bytes : bytes.subarray(0, end));
  return text
    .replace(/\ufffd+$/, '')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
    .normalize('NFC')
    .toWellFormed()
    .trim();
}
