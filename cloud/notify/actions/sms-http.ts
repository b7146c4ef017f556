import type { Action } from '../action.ts';
import { openProvider, ProviderSettings } from '../provider.ts';

/** 短信 over a provider's HTTP interface. */
export const action: Action<ProviderSettings> = {
  name: 'sms-http',
  reaches: 'phone',
  settings: ProviderSettings,
  open: openProvider,
};
