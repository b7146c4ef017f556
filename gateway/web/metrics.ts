import type { LogStats } from '../store/log.ts';

/** One metric family of the Prometheus text format 0.0.4. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** The text a Prometheus server reads. */
export function exposition(metrics: readonly Metric[]): string {
  const lines: string[] = [];
  for (const { name, help, type, samples } of metrics) {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const { labels, value } of samples) {
      const inside = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
      lines.push(`${name}${inside.length > 0 ? `{${inside.join(',')}}` : ''} ${value}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** The conservation equation as numbers: accepted = delivered + buffered + gaps for every lane and reader. */
export function conservation(stats: LogStats): Metric[] {
  const accepted: Metric['samples'][number][] = [];
  const rest: Metric['samples'][number][] = [];
  const broken: Metric['samples'][number][] = [];
  for (const [lane, lanes] of Object.entries(stats.lanes)) {
    accepted.push({ labels: { lane }, value: lanes.accepted });
    for (const [reader, of] of Object.entries(lanes.readers)) {
      for (const [fate, value] of Object.entries({ delivered: of.delivered, buffered: of.buffered, gap: of.gaps }))
        rest.push({ labels: { lane, reader, fate }, value });
      broken.push({ labels: { lane, reader }, value: lanes.accepted - of.delivered - of.buffered - of.gaps });
    }
  }
  return [
    { name: 'yihu_log_accepted_records', help: 'Records ever given a sequence.', type: 'counter', samples: accepted },
    {
      name: 'yihu_log_records',
      help: 'Where each accepted record is now, as this reader sees it.',
      type: 'gauge',
      samples: rest,
    },
    {
      name: 'yihu_log_conservation_error',
      help: 'accepted - delivered - buffered - gaps; anything but 0 is a loss.',
      type: 'gauge',
      samples: broken,
    },
    {
      name: 'yihu_log_bytes',
      help: 'Bytes of the log on disk.',
      type: 'gauge',
      samples: [{ labels: {}, value: stats.bytesOnDisk }],
    },
    {
      name: 'yihu_log_full',
      help: '1 while the log is at its bound.',
      type: 'gauge',
      samples: [{ labels: {}, value: stats.full ? 1 : 0 }],
    },
  ];
}

/** Plain counters of one part under one metric name, one sample per counter. */
export function counterMetric(
  name: string,
  help: string,
  groups: Readonly<Record<string, Readonly<Record<string, number>>>>,
  label: string,
): Metric {
  const samples = Object.entries(groups).flatMap(([group, counters]) =>
    Object.entries(counters).map(([counter, value]) => ({ labels: { [label]: group, counter }, value })),
  );
  return { name, help, type: 'counter', samples };
}
