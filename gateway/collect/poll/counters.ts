/** What one port counts for `/metrics`; every number only grows. */
export interface Counters {
  requests: number;
  answers: number;
  exceptions: number;
  timeouts: number;
  /** Frames that fitted no request and were refused. */
  refused_frames: number;
  /** Answers that came after their time-out. */
  late_answers: number;
  connects: number;
  reconnects: number;
  /** Times the second host was turned to, or the first one again. */
  host_changes: number;
  /** Times a serial line changed its parameters for another slave. */
  retunes: number;
  cycles: number;
  failed_cycles: number;
  skipped_polls: number;
  /** Merged reads that were taken apart. */
  splits: number;
  /** Commands that were carried to a device. */
  commands: number;
  /** What devices were told at a (re)connect. */
  init_writes: number;
  emit_failures: number;
  bytes_sent: number;
  bytes_received: number;
}

export function newCounters(): Counters {
  return {
    requests: 0,
    answers: 0,
    exceptions: 0,
    timeouts: 0,
    refused_frames: 0,
    late_answers: 0,
    connects: 0,
    reconnects: 0,
    host_changes: 0,
    retunes: 0,
    cycles: 0,
    failed_cycles: 0,
    skipped_polls: 0,
    splits: 0,
    commands: 0,
    init_writes: 0,
    emit_failures: 0,
    bytes_sent: 0,
    bytes_received: 0,
  };
}
