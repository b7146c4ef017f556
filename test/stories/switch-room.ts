/** 配电室温度: a transmitter of the story, polled twice a second, with a plain threshold. */
export const switchRoom = {
  schema: 'yihu-profile/1',
  id: 'story.switch-room',
  version: '1.0.0',
  name: { zh: '配电室测温', en: 'Switch room thermometer' },
  maker: { zh: '测试', en: 'Story' },
  model: 'SR-1',
  category: 'sensor.temperature-humidity',
  sources: ['made for this story'],
  confidence: 'normalised',
  transport: {
    protocol: 'modbus',
    modes: ['tcp'],
    unitId: { default: 1 },
    timing: { timeout: '500ms', retries: 1 },
  },
  defaults: { table: 'holding' },
  groups: { fast: { every: '500ms' } },
  availability: { lateAfter: '5s', offlineAfter: '10s', missedPolls: 5 },
  points: {
    temperature: {
      name: { zh: '母排温度', en: 'Busbar temperature' },
      unit: 'Cel',
      group: 'fast',
      at: 0,
      type: 's16',
      scale: 0.1,
      valid: [-40, 200],
    },
  },
  alarms: {
    hot: {
      name: { zh: '母排过热', en: 'Busbar too hot' },
      point: 'temperature',
      above: 90,
      clear: 80,
      severity: 'major',
      hazard: 'fire',
    },
  },
  vectors: [
    {
      name: 'hot',
      origin: 'synthetic',
      given: { table: 'holding', start: 0, words: [950] },
      expect: { temperature: 95 },
      alarms: ['hot'],
    },
    {
      name: 'cool',
      origin: 'synthetic',
      given: { table: 'holding', start: 0, words: [412] },
      expect: { temperature: 41.2 },
      alarms: [],
    },
  ],
} as const;
