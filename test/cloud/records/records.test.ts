import { describeWith } from '../../needs.ts';
import { recordsSuite } from './records-suite.ts';
import { debianServer, embeddedServer } from './servers.ts';

recordsSuite('embedded PostgreSQL 18', embeddedServer);
describeWith(['postgres'], 'an external server', () => recordsSuite('Debian PostgreSQL 15', debianServer));
