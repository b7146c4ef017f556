import { connect, createServer, type Server, type Socket } from 'node:net';

/** A line between a browser and a cloud that can be cut, or that loses the answer to what the cloud has already done. */
export class CutLine {
  url = '';
  isCut = false;
  /** What is counted, and whose answers are lost. */
  lose = /^POST \/api\/me\/tasks\/[^ ]+\/moves/;
  /** How many answers are still to be lost. */
  loseAnswers = 0;
  /** Such requests that went through to the cloud, and how many of their answers were lost. */
  sent = 0;
  losses = 0;
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  constructor(cloudUrl: string) {
    const { port } = new URL(cloudUrl);
    this.server = createServer((near) => this.join(near, Number(port)));
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the line has no port');
    this.url = `http://127.0.0.1:${address.port}`;
    return this;
  }

  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  mend(): void {
    this.isCut = false;
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private join(near: Socket, port: number): void {
    if (this.isCut) return void near.destroy();
    const far = connect(port, '127.0.0.1');
    let isLost = false;
    for (const socket of [near, far]) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (bytes: Buffer) => {
      if (this.lose.test(bytes.toString('latin1'))) {
        this.sent += 1;
        isLost = this.loseAnswers > 0;
        if (isLost) {
          this.loseAnswers -= 1;
          this.losses += 1;
        }
      }
      far.write(bytes);
    });
    far.on('data', (bytes: Buffer) => (isLost ? near.destroy() : near.write(bytes)));
  }
}
