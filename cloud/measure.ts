import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { AcceptServer } from './accept/listener.ts';
import type { Records } from './records/records.ts';
import { everywhere } from './registry/rights.ts';
import type { Metric } from './web/needs.ts';
import { conservationMetrics } from './web/metrics.ts';

const lag = monitorEventLoopDelay({ resolution: 20 });
lag.enable();

/** Everything `GET /metrics` says: where each gateway's log stands, what the listener did, how the process is. */
export async function cloudMetrics(records: Pick<Records, 'conservation'>, accept: Receiving | null): Promise<Metric[]> {
  const rows = await records.conservation({ areas: [everywhere] });
  return [...conservationMetrics(rows), ...(accept ? acceptMetrics(accept) : []), ...processMetrics()];
}

type Receiving = Pick<AcceptServer, 'counters'>;

function acceptMetrics(accept: Receiving): Metric[] {
  const { refused, sessions, sockets, ...counters } = accept.counters();
  return [
    gauge('yihu_accept_sessions', 'Gateways connected', sessions),
    gauge('yihu_accept_sockets', 'Sockets open at the listener', sockets),
    ...Object.entries(counters).map(([name, value]): Metric => {
      return { name: `yihu_accept_${name}_total`, help: `Listener: ${name}`, type: 'counter', samples: [{ value }] };
    }),
    {
      name: 'yihu_accept_refused_total',
      help: 'Peers refused, by reason',
      type: 'counter',
      samples: Object.entries(refused).map(([reason, value]) => ({ labels: { reason }, value })),
    },
  ];
}

function processMetrics(): Metric[] {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return [
    gauge('process_resident_memory_bytes', 'Resident memory', rss),
    gauge('nodejs_heap_used_bytes', 'Heap in use', heapUsed),
    { name: 'process_cpu_seconds_total', help: 'CPU time', type: 'counter', samples: [{ value: (user + system) / 1e6 }] },
    {
      name: 'nodejs_eventloop_lag_seconds',
      help: 'Event loop delay since the start',
      type: 'gauge',
      samples: [
        { labels: { quantile: '0.5' }, value: lag.percentile(50) / 1e9 },
        { labels: { quantile: '0.99' }, value: lag.percentile(99) / 1e9 },
      ],
    },
  ];
}

function gauge(name: string, help: string, value: number): Metric {
  return { name, help, type: 'gauge', samples: [{ value }] };
}
