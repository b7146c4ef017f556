/** A device that says how far it has counted; `hot` is its alarm. */
export const counterProfile = {
  schema: 'yihu-profile/1',
  id: 'story.counter',
  version: '1.0.0',
  name: { zh: '计数器', en: 'Counter' },
  maker: { zh: '测试', en: 'Story' },
  model: 'C-1',
  category: 'other',
  sources: ['made for this test'],
  confidence: 'normalised',
  transport: {
    protocol: 'mqtt',
    identity: { name: 'id', pattern: '^[a-z0-9-]{1,32}$', label: { zh: '编号', en: 'Number' } },
    topics: { state: { filter: 'counter/{id}', qos: 1 }, event: { filter: 'counter/{id}/event', qos: 1 } },
  },
  availability: { offlineAfter: '25h' },
  points: {
    n: { name: { zh: '计数', en: 'Count' }, kind: 'counter', wrap: 'none' },
    hot: { name: { zh: '过热', en: 'Hot' }, kind: 'state' },
  },
  decode: {
    state: [{ points: { n: '$.n', hot: '$.hot' } }],
    event: [{ event: { type: 'counter.tick', serial: '$.n' } }],
  },
  events: { 'counter.tick': { zh: '计数', en: 'Tick' } },
  alarms: {
    hot: { name: { zh: '过热', en: 'Hot' }, point: 'hot', is: true, severity: 'minor', hazard: 'equipment' },
  },
  vectors: [
    {
      name: 'hot',
      origin: 'synthetic',
      given: { channel: 'state', json: { n: 7, hot: true } },
      expect: { n: 7, hot: true },
      alarms: ['hot'],
    },
    {
      name: 'tick',
      origin: 'synthetic',
      given: { channel: 'event', json: { n: '8' } },
      events: [{ type: 'counter.tick' }],
      alarms: [],
    },
  ],
} as const;
