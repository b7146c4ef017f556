import { describeWith } from '../../needs.ts';
import { debianServer, embeddedServer } from './servers.ts';
import { tasksSuite } from './tasks-suite.ts';

tasksSuite('embedded PostgreSQL 18', embeddedServer);
describeWith(['postgres'], 'an external server', () => tasksSuite('Debian PostgreSQL 15', debianServer));
