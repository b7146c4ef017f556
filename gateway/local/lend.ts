import type { RunningPort } from '../collect/driver.ts';
import type { Site } from '../config.ts';
import type { RunningPorts } from '../running-ports.ts';

/** 借线: the wire of a port for a while. Its polls pause; it is started again whatever comes of it. */
export type Lend = <T>(port: string, run: (signal: AbortSignal) => Promise<T>) => Promise<T>;

export interface Lender {
  readonly ports: Pick<RunningPorts, 'get' | 'letGo' | 'standIn' | 'start'>;
  /** As it is now; asked each time. */
  readonly site: () => Pick<Site, 'ports'>;
  /** What the log has kept. */
  readonly saved: () => Promise<ReadonlyMap<string, string>>;
}

export function lender({ ports, site, saved }: Lender): Lend {
  const sectionOf = (id: string) => site().ports.find((each) => each.id === id);
  return async (id, run) => {
    const section = sectionOf(id);
    if (!ports.get(id) || !section) throw new Error(`there is no port ${id}`);
    const stopping = new AbortController();
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    await ports.letGo(new Set([id]));
    ports.standIn(section, lentPort(stopping, over));
    try {
      return await run(stopping.signal);
    } finally {
      // A gateway that ends, or that takes another site file, does not begin with this port again.
      if (!stopping.signal.aborted) await ports.start([sectionOf(id) ?? section], await saved());
      end();
    }
  };
}

/** What stands in its place meanwhile. */
function lentPort(stopping: AbortController, over: Promise<void>): RunningPort {
  const reason = { zh: '安装员正在用这条线路，轮询暂停。', en: 'An installer has this line; its polls pause.' };
  return {
    stop: () => {
      stopping.abort(new Error('the gateway ends'));
      return over;
    },
    state: () => ({ wire: 'connecting', reason, devices: {} }),
    counters: () => ({}),
  };
}
