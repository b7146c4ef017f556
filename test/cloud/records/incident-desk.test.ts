import { describeWith } from '../../needs.ts';
import { incidentDeskSuite } from './incident-desk-suite.ts';
import { debianServer, embeddedServer } from './servers.ts';

incidentDeskSuite('embedded PostgreSQL 18', embeddedServer);
describeWith(['postgres'], 'an external server', () => incidentDeskSuite('Debian PostgreSQL 15', debianServer));
