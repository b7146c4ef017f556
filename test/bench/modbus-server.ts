import { createServer } from 'node:net';

/** `node test/bench/modbus-server.ts <port>`: answers every read of holding registers on every loopback address; as little work as possible. */
const server = createServer((socket) => {
  socket.setNoDelay(true);
  let pending = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 12) {
      const count = pending.readUInt16BE(10);
      const answer = Buffer.alloc(9 + count * 2);
      pending.copy(answer, 0, 0, 8);
      answer.writeUInt16BE(3 + count * 2, 4);
      answer[8] = count * 2;
      const now = Date.now() / 1000;
      for (let i = 0; i * 4 + 4 <= count * 2; i++) answer.writeFloatBE(220 + 10 * Math.sin(now / 60 + i), 9 + i * 4);
      socket.write(answer);
      pending = pending.subarray(12);
    }
  });
});
server.listen(Number(process.argv[2]), '0.0.0.0', () => process.stdout.write('up\n'));
