import type { Action } from '../action.ts';
import { openProvider, ProviderSettings } from '../provider.ts';

/** 语音电话 over a provider's HTTP interface: it rings, reads the text aloud and reports the key that was pressed as a reply. */
export const action: Action<ProviderSettings> = {
  name: 'voice-http',
  reaches: 'phone',
  settings: ProviderSettings,
  open: openProvider,
};
