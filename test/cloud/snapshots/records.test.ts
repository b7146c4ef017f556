import { describeWith } from '../../needs.ts';
import { debianServer, embeddedServer } from '../records/servers.ts';
import { snapshotSuite } from './records-suite.ts';

snapshotSuite('embedded PostgreSQL 18', embeddedServer);
describeWith(['postgres'], 'an external server', () => snapshotSuite('Debian PostgreSQL 15', debianServer));
