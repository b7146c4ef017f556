import { type LocalScan, LocalProbeRequest, LocalScanRequest } from '@yihu/device-profiles/vocabulary/local.ts';
import type { FastifyInstance } from 'fastify';
import type { WebNeeds } from '../needs.ts';
import { found, given, Refusal } from '../problem.ts';

/** What an installer does on a line: look for devices, and read one that nobody knows. */
export function commissionRoutes(app: FastifyInstance, { desk }: WebNeeds): void {
  const installer = { config: { callers: 'installer' } } as const;
  app.get('/api/lines', installer, () => desk.lines());
  app.post('/api/scan', installer, async ({ body }): Promise<LocalScan> => {
    const begun = desk.startScan(given(LocalScanRequest, body));
    if ('refused' in begun) throw new Refusal('refused', { sentence: begun.refused });
    return begun.scan;
  });
  app.delete('/api/scan', installer, async (_request, reply) => {
    desk.stopScan();
    return reply.code(204).send();
  });
  // The scan as it stands, and anew with each change: whoever comes late or again has missed nothing.
  app.get('/api/scan/events', installer, async (request, reply) => {
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    const tell = (scan: LocalScan | null) => raw.write(`data: ${JSON.stringify(scan)}\n\n`);
    tell(desk.scan());
    const leave = desk.followScan(tell);
    request.raw.socket.once('close', leave);
  });
  app.post('/api/devices/:id/alarm-test', installer, async ({ params }) => {
    const begun = found(desk.testAlarm((params as { id: string }).id));
    if ('refused' in begun) throw new Refusal('refused', { sentence: begun.refused });
    return begun.test;
  });
  app.delete('/api/alarm-test', installer, async (_request, reply) => {
    desk.finishAlarmTest();
    return reply.code(204).send();
  });
  app.post('/api/probe', installer, async ({ body }) => {
    const probed = await desk.probe(given(LocalProbeRequest, body));
    if ('registers' in probed) return probed;
    throw new Refusal('refused', { sentence: probed.refused });
  });
}
