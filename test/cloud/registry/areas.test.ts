import { describeWith } from '../../needs.ts';
import { debianServer, embeddedServer } from '../records/servers.ts';
import { areasSuite } from './areas-suite.ts';

areasSuite('embedded PostgreSQL 18', embeddedServer);
describeWith(['postgres'], 'an external server', () => areasSuite('Debian PostgreSQL 15', debianServer));
