import { describeWith } from '../../needs.ts';
import { intakeSuite } from './intake-suite.ts';
import { debianServer, embeddedServer } from './servers.ts';

intakeSuite('embedded PostgreSQL 18', embeddedServer);
describeWith(['postgres'], 'an external server', () => intakeSuite('Debian PostgreSQL 15', debianServer));
