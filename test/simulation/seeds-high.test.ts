import { campaign } from './campaign.ts';

campaign(1_001, 2_000);
