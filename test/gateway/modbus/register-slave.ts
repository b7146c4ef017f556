/** A slave with memory, written from the Modbus Application Protocol 1.1b3 and apart from the product. */
export interface RegisterSlave {
  readonly coils: Map<number, boolean>;
  readonly holding: Map<number, number>;
  /** Objects of its identification by id; given a few at a time, as a slave with small frames does. */
  readonly objects: Map<number, Buffer>;
  /** The answer to a request, both without unit and checksum. */
  answer(pdu: Buffer): Buffer;
}

const objectsPerAnswer = 2;

const noInputs: ReadonlyMap<number, boolean> = new Map();

export function registerSlave(): RegisterSlave {
  const coils = new Map<number, boolean>();
  const holding = new Map<number, number>();
  const objects = new Map<number, Buffer>();
  const exception = (pdu: Buffer, code: number) => Buffer.from([(pdu[0] ?? 0) | 0x80, code]);
  const words = (start: number, count: number) => {
    const bytes = Buffer.alloc(1 + count * 2);
    bytes[0] = count * 2;
    for (let i = 0; i < count; i += 1) bytes.writeUInt16BE(holding.get(start + i) ?? 0, 1 + i * 2);
    return bytes;
  };
  const put = (start: number, bytes: Buffer) => {
    for (let i = 0; i < bytes.length; i += 2) holding.set(start + i / 2, bytes.readUInt16BE(i));
  };
  const answer = (pdu: Buffer): Buffer => {
    const fn = pdu[0] ?? 0;
    if (fn === 43) return identification(pdu, objects) ?? exception(pdu, 2);
    const start = pdu.readUInt16BE(1);
    switch (fn) {
      case 1:
      case 2: {
        const [bits, count] = [pdu[0] === 1 ? coils : noInputs, pdu.readUInt16BE(3)];
        const bytes = Buffer.alloc(Math.ceil(count / 8));
        for (let i = 0; i < count; i += 1) if (bits.get(start + i)) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (1 << (i & 7));
        return Buffer.concat([Buffer.from([pdu[0] ?? 0, bytes.length]), bytes]);
      }
      case 3:
        return Buffer.concat([Buffer.from([3]), words(start, pdu.readUInt16BE(3))]);
      case 5:
        coils.set(start, pdu[3] === 0xff);
        return pdu;
      case 6:
        put(start, pdu.subarray(3, 5));
        return pdu;
      case 15:
        for (let i = 0; i < pdu.readUInt16BE(3); i += 1) coils.set(start + i, (((pdu[6 + (i >> 3)] ?? 0) >> (i & 7)) & 1) === 1);
        return pdu.subarray(0, 5);
      case 16:
        put(start, pdu.subarray(6));
        return pdu.subarray(0, 5);
      case 22: {
        const [and, or] = [pdu.readUInt16BE(3), pdu.readUInt16BE(5)];
        holding.set(start, ((holding.get(start) ?? 0) & and) | (or & ~and & 0xffff));
        return pdu;
      }
      case 23:
        put(pdu.readUInt16BE(5), pdu.subarray(10));
        return Buffer.concat([Buffer.from([23]), words(start, pdu.readUInt16BE(3))]);
      default:
        return exception(pdu, 1);
    }
  };
  return { coils, holding, objects, answer };
}

/** §6.21: as many objects as fit, and where to go on. */
function identification(pdu: Buffer, objects: ReadonlyMap<number, Buffer>): Buffer | undefined {
  const [, mei, code = 0, from = 0] = pdu;
  if (mei !== 14) return undefined;
  const ids = [...objects.keys()].filter((id) => (code === 4 ? id === from : id >= from)).toSorted((a, b) => a - b);
  if (ids.length === 0) return undefined;
  const now = ids.slice(0, objectsPerAnswer);
  const next = ids[objectsPerAnswer];
  const list = now.map((id) =>
    Buffer.concat([Buffer.from([id, objects.get(id)?.length ?? 0]), objects.get(id) ?? Buffer.alloc(0)]),
  );
  return Buffer.concat([Buffer.from([43, 14, code, 0x82, next === undefined ? 0 : 0xff, next ?? 0, now.length]), ...list]);
}
