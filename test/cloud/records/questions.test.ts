import { describeWith } from '../../needs.ts';
import { questionsSuite } from './questions-suite.ts';
import { debianServer, embeddedServer } from './servers.ts';

questionsSuite('embedded PostgreSQL 18', embeddedServer);
describeWith(['postgres'], 'an external server', () => questionsSuite('Debian PostgreSQL 15', debianServer));
