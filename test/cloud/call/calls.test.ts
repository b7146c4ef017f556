import { describeWith } from '../../needs.ts';
import { debianServer, embeddedServer } from '../records/servers.ts';
import { callsSuite } from './calls-suite.ts';
import { mobiliseSuite } from './mobilise-suite.ts';

callsSuite('embedded PostgreSQL 18', embeddedServer);
describeWith(['postgres'], 'an external server', () => callsSuite('Debian PostgreSQL 15', debianServer));
mobiliseSuite('embedded PostgreSQL 18', embeddedServer);
