/** Frames of real transmitters, from public sources; the sum of each was computed anew. */
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const zeros = (bytes: number) => '00'.repeat(bytes);
/** What a Dahua transmitter puts in front: source 0, destination 100. */
const dahua = (serial: string, time: string) => `4040 ${serial}00 0102 ${time} ${zeros(6)} 640000000000`;

export const vectors = {
  /** shootingfans/codec_gb26875_3_2011, dgiot: fire at a part with a text. */
  fire: hex(
    `4040 0000 0101 180d11160a14 ${zeros(6)} 060504030201 3000 02 0201 01 03 00 d9000600 0200 a3c1c7f8a3b1b2e3dfc8b2b8d7dfc0c8 ${zeros(15)} 301213010814 68 2323`,
  ),
  /** dgiot: garbage behind the NUL of the text, an event that is nine years older than its frame, version 0x10. */
  dirtySmoke: hex(
    '4040 1400 1000 0509091b0715 2c312c320000 784d07918e23 3000 02 0201 01 01 2a 01000100 0200 31bac5bdd3bfdab0e531bbd8c2b731bac500bac5d6f7bbfaf898cfa0000000 25110301060c 47 2323',
  ),
  fault: hex(`${dahua('07', '2D340E0C0716')} 3000 02 0201 01 01 00 37000A00 0400 ${zeros(31)} 2D340E0C0716 1A 2323`),
  restored: hex(`${dahua('08', '38340E0C0716')} 3000 02 0201 01 01 00 37000A00 0000 ${zeros(31)} 38340E0C0716 2D 2323`),
  onBattery: hex(`${dahua('02', '162A100C0716')} 0900 02 1501 14 0E2A100C0716 88 2323`),
  /** The time in the head is the one that the printed sum asks for. */
  onMains: hex(`${dahua('01', '152A100C0716')} 0900 02 1501 00 0A2A100C0716 6E 2323`),
  registration: hex(`${dahua('09', '2A380A080716')} 0000 02 03 2323`),
  /** dgiot: a handshake of one byte. */
  handshake: hex(`4040 6900 1000 0a110e030615 ${zeros(6)} ac103cd56d1d 0100 02 16 30 2323`),
  /** The serial in the head is the one that the printed sum asks for. */
  reset: hex(`${dahua('07', '3A2E0B0C0716')} 0A00 02 1801 01 01 3A2E0B0C0716 CD 2323`),
  mute: hex(`4040 3113 1000 160F11030316 ${zeros(6)} C0A801046D1D 0A00 02 1801 02 00 160F11030316 16 2323`),
} as const;
