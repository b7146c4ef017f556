/** The two lanes of the log: alarms and events go in front of readings. */
export const lanes = ['alarm', 'telemetry'] as const;
