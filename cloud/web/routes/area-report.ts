import { AreaReport } from '@yihu/device-profiles/vocabulary/area-report.ts';
import { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { scopeWithin } from '../access.ts';
import { areaReportPdf } from '../area-report-pdf.ts';
import { Lang } from '../bodies.ts';
import { given } from '../given.ts';
import { managers } from '../roles.ts';
import type { WebOptions } from '../server.ts';

const day = 86_400_000;
const time = z.coerce.number().int().nonnegative();
const Span = z.strictObject({ area: z.string().max(300).optional(), from: time, to: time });
const short = ({ from, to }: z.infer<typeof Span>) => from < to && to - from <= 400 * day;
const tooLong = { path: ['to'], error: 'must be after from, by 400 days at most' };
const Asked = Span.refine(short, tooLong);
const AskedPaper = Span.extend({ lang: Lang.optional() }).refine(short, tooLong);

/** 月报 of an area: as data, and as a document to print. */
export function areaReportRoutes(instance: FastifyInstance, { records }: WebOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const reportOf = (request: FastifyRequest, { area, ...span }: z.infer<typeof Asked>) =>
    records.areaReport(scopeWithin(request, area), { ...span, ...given({ area }) });

  app.route({
    method: 'GET',
    url: '/api/area-report',
    config: { access: { roles: managers, scope: 'reports:read' } },
    schema: { querystring: Asked, response: { 200: AreaReport, '4xx': Problem } },
    handler: async (request) => reportOf(request, request.query),
  });

  app.route({
    method: 'GET',
    url: '/api/area-report.pdf',
    config: { access: { roles: managers, scope: 'reports:read' } },
    schema: {
      querystring: AskedPaper,
      response: {
        200: { description: 'The report', content: { 'application/pdf': { schema: z.instanceof(Buffer) } } },
        '4xx': Problem,
      },
    },
    handler: async (request, reply) => {
      const { lang, ...span } = request.query;
      const report = await reportOf(request, span);
      void reply.header('content-disposition', 'attachment; filename="report.pdf"');
      return reply.type('application/pdf').send(areaReportPdf(report, lang));
    },
  });
}
