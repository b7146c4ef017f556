const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

/**
 * From public tests (taoyao-code/iot-zinx) and from the examples in the maker's papers that are kept there (device paper 8.6,
 * host paper 2.9). The sum of each was computed anew; what the papers' examples mean is what their text says.
 */
export const vectors = {
  locate: hex('444E590A00F36CA2040600960AA003'),
  timeTold: hex('444E590D00CD28A20479082263EE5C684B05'),
  timeAsked: hex('444E590900F36CA2040200120D03'),
  /** Of a real double socket. */
  heartbeatOld: hex('444e591d00cd28a2048008018002460902000000000000000000001e00315e00ac04'),
  hostHeartbeat: hex(
    '444e595000f36ca20403001168020220fc58681f07383938363034443931363233393034383832393755000038363434353230363937363234373256312e302e30302e3030303030302e3036313600000000002611',
  ),
  registration: hex('44 4E 59 13 00 3B 37 AB 04 B9 00 20 7E 00 02 14 21 00 00 00 E4 00 91 04'),
  heartbeat: hex('44 4E 59 10 00 3B 37 AB 04 01 00 21 98 08 02 00 00 09 05 EE 02'),
  heartbeatAck: hex('44 4E 59 0A 00 3B 37 AB 04 01 00 21 00 38 02'),
  charging: hex(
    '44 4E 59 32 00 3B 37 AB 04 0A 00 06 01 01 10 0E 30 00 01 E8 03 B0 04 20 03 E8 03 20 19 09 01 18 00 00 13 00 30 38 01 02 03 04 05 01 00 E8 03 98 08 C7 01 55 00 DA 08',
  ),
  settled: hex(
    '44 4E 59 28 00 3B 37 AB 04 01 00 03 10 0E E8 03 30 00 01 01 00 00 00 00 01 20 19 09 01 18 00 00 13 00 30 38 01 02 03 04 05 E8 03 44 05',
  ),
  settledAck: hex('44 4E 59 0A 00 3B 37 AB 04 01 00 03 00 1A 02'),
  query: hex('44 4E 59 09 00 3B 37 AB 04 01 00 81 97 02'),
} as const;
