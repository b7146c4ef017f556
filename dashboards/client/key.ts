/** One idempotency key per user action: repeated with it, the cloud does the thing once. Works without HTTPS too. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
