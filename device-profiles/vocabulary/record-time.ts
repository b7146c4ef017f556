import type { LogRecord } from './record.ts';

/** The boot during which a record was written before the gateway's clock could be trusted; undefined where it has its time. */
export function untimedBoot(record: LogRecord): string | undefined {
  return 'untimed' in record ? record.untimed : undefined;
}

/** The record with every time of the gateway's in it moved by `ms`, and no longer untimed. What a device says of its own time stays. */
export function movedBy(record: LogRecord, ms: number): LogRecord {
  const moved = <T extends { readonly at: number }>(one: T): T => ({ ...one, at: one.at + ms });
  switch (record.kind) {
    case 'readings': {
      const { untimed: _boot, ...rest } = moved(record);
      return { ...rest, readings: record.readings.map(moved) };
    }
    case 'alarm': {
      const { untimed: _boot, ...rest } = moved(record);
      return { ...rest, events: record.events.map(moved), transitions: record.transitions.map(moved) };
    }
    case 'act':
    case 'change':
    case 'site': {
      const { untimed: _boot, ...rest } = moved(record);
      return rest;
    }
    case 'clock':
    case 'gap':
    case 'snapshot':
      return record;
  }
}
