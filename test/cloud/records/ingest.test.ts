import { describeWith } from '../../needs.ts';
import { databaseIngestSuite } from './ingest-suite.ts';
import { debianServer, embeddedServer } from './servers.ts';

databaseIngestSuite('embedded PostgreSQL 18', embeddedServer);
describeWith(['postgres'], 'an external server', () => databaseIngestSuite('Debian PostgreSQL 15', debianServer));
