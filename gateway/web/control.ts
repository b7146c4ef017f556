import fastify from 'fastify';
import { z } from 'zod';

/** Behind the socket: what may be changed of a running gateway. Its answers travel as they are. */
export interface ChangeDoor {
  planChange(request: { readonly text: string }): Promise<object>;
  submitChange(request: z.output<typeof Change>): Promise<object>;
  changeState(): object | null;
  undoChange(): boolean;
}

/** `POST /change`. The bound is that of a site file, and a little for the words around it. */
const Change = z.strictObject({
  text: z.string(),
  by: z.string().min(1).max(120),
  mayBeSilent: z.union([z.array(z.string()).max(20_000), z.literal('all')]).optional(),
  withinMs: z.number().int().positive().optional(),
});
const Plan = z.strictObject({ text: z.string() });
const mostBytes = 10 * 1024 * 1024;

/** The control socket. Whoever can open the file is the gateway's own user; nothing else is asked. */
export async function startControl(door: ChangeDoor, path: string): Promise<{ stop(): Promise<void> }> {
  const server = fastify({ logger: false, bodyLimit: mostBytes, forceCloseConnections: true });
  server.post('/plan', async (request) => door.planChange(Plan.parse(request.body)));
  server.post('/change', async (request) => door.submitChange(Change.parse(request.body)));
  server.get('/change', () => Promise.resolve({ change: door.changeState() }));
  server.post('/undo', () => Promise.resolve({ undone: door.undoChange() }));
  await server.listen({ path });
  return { stop: () => server.close() };
}
