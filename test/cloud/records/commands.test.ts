import { describeWith } from '../../needs.ts';
import { commandsSuite } from './commands-suite.ts';
import { debianServer, embeddedServer } from './servers.ts';

commandsSuite('embedded PostgreSQL 18', embeddedServer);
describeWith(['postgres'], 'an external server', () => commandsSuite('Debian PostgreSQL 15', debianServer));
