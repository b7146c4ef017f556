import { describeWith } from '../../needs.ts';
import { debianServer, embeddedServer } from '../records/servers.ts';
import { deliveriesSuite } from './deliveries-suite.ts';

deliveriesSuite('embedded PostgreSQL 18', embeddedServer);
describeWith(['postgres'], 'an external server', () => deliveriesSuite('Debian PostgreSQL 15', debianServer));
