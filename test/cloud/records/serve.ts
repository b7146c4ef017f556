import { serverWithTemplate } from './servers.ts';

/** A server of the kind argv[2] for a whole run: says how to reach it in one line, and stops when its stdin ends. */
const server = await serverWithTemplate(process.argv[2] === 'debian' ? 'debian' : 'embedded');
const { connection, template } = server;
process.stdout.write(`${JSON.stringify({ connection, template })}\n`);
process.stdin.resume().on('end', () => void server.stop());
