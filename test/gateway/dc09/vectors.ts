const ascii = (text: string) => Buffer.from(text, 'latin1');

/** From captainwong/ademco_hb docs/README.md, and (`peer…`) made by siadc09 1.0.1, a library of the standard's 2026 edition. */
export const vectors = {
  arm: ascii('\n02130047"HENG-BO"0000R1234L6789#000000[#000000|3400 00 000]_17:15:29,12-09-2015\r'),
  heartbeat: ascii('\n93B30031"NULL"0000R1234L6789#000000[]_17:24:14,12-09-2015\r'),
  ack: ascii('\nF0550030"ACK"0000R1234L6789#000000[]_17:27:09,12-09-2015\r'),
  peerBurglary: ascii('\nD8CB003D"ADM-CID"0042R1L0#1234[#1234|1130 00 012]_02:01:00,05-03-2026\r'),
  peerRestore: ascii('\nC0CA003D"ADM-CID"0042R1L0#1234[#1234|3130 00 012]_02:01:00,05-03-2026\r'),
  peerAcLoss: ascii('\nAD47003D"ADM-CID"0042R1L0#1234[#1234|1301 00 000]_02:01:00,05-03-2026\r'),
  peerFire: ascii('\nFDCA003D"ADM-CID"0042R1L0#1234[#1234|1110 01 005]_02:01:00,05-03-2026\r'),
  peerNull: ascii('\n3BC00029"NULL"0007R1L0#1234[]_02:01:00,05-03-2026\r'),
  peerAck: ascii('\n9D660028"ACK"0042R1L0#1234[]_02:01:00,05-03-2026\r'),
  peerDuh: ascii('\nEE640014"DUH"0042R1L0#1234[]\r'),
  peerEncrypted: ascii(
    '\nDA7E0075"*NULL"0008R1L0#1234[e6ebc731df185334d746b7256b43a9ebabcb82de9840b70bb903e73b0593d5f244e374bc489da3c3bde0fc0b7ea64433\r',
  ),
  /** Seen on a Visonic panel's line; a NAK has no account. */
  nak: ascii('\nE5630025"NAK"0000R0L0A0[]_10:10:18,07-30-2024\r'),
} as const;
