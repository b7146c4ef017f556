import { ownServer } from './servers.ts';

/** A server of the kind argv[2] for a whole run: says how to reach it in one line, and stops when its stdin ends. */
const server = await ownServer(process.argv[2] === 'debian' ? 'debian' : 'embedded');
process.stdout.write(`${JSON.stringify(server.connection)}\n`);
process.stdin.resume().on('end', () => void server.stop());
