import { createServer } from 'node:net';
import { rtuFrame } from '../gateway/modbus/fault-server.ts';

/**
 * `node test/bench/rtu-line-server.ts <port> <slaves> <dead>`: an RS-485 line at 9600 8N1 behind a serial server. Bytes take
 * their time, slaves think for 5 ms, and the last `dead` of them say nothing.
 */
const [port = 0, slaves = 32, dead = 0] = process.argv.slice(2).map(Number);
const byteMs = 10_000 / 9_600;

const server = createServer({ noDelay: true }, (socket) => {
  let rest = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 8) {
      const [unit = 0, count] = [rest[0], rest.readUInt16BE(4)];
      rest = rest.subarray(8);
      if (unit < 1 || unit > slaves - dead) continue;
      const pdu = Buffer.alloc(2 + count * 2, unit);
      pdu[0] = 3;
      pdu[1] = count * 2;
      setTimeout(() => socket.writable && socket.write(rtuFrame(unit, pdu)), (8 + 5 + count * 2) * byteMs + 5);
    }
  });
});
server.listen(port, '127.0.0.1', () => process.stdout.write('up\n'));
