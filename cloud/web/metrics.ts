import type { Conservation, Metric } from './needs.ts';

/** Prometheus text format 0.0.4. */
export function metricsText(metrics: readonly Metric[]): string {
  return metrics.map(block).join('');
}

function block({ name, help, type, samples }: Metric): string {
  const lines = samples.map(({ labels, value }) => `${name}${labelsText(labels)} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function labelsText(labels: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** `accepted = delivered + buffered + gaps`, per gateway, epoch and lane. */
export function conservationMetrics(rows: readonly Conservation[]): Metric[] {
  const help = {
    accepted: 'Sequences the gateway has written',
    delivered: 'Sequences committed here',
    buffered: 'Sequences still at the gateway',
    gaps: 'Sequences said to be gone',
  };
  return (['accepted', 'delivered', 'buffered', 'gaps'] as const).map((part) => ({
    name: `yihu_conservation_${part}`,
    help: help[part],
    type: 'gauge' as const,
    samples: rows.map((row) => ({ labels: { gateway: row.gateway, epoch: row.epoch, lane: row.lane }, value: row[part] })),
  }));
}
