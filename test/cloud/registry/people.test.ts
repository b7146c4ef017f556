import { describeWith } from '../../needs.ts';
import { debianServer, embeddedServer } from '../records/servers.ts';
import { importSuite } from './import-suite.ts';
import { mergeSuite } from './merge-suite.ts';
import { peopleSuite } from './people-suite.ts';
import { revealSuite } from './reveal-suite.ts';
import { seedSuite } from './seed-suite.ts';
import { shareSuite } from './share-suite.ts';

for (const suite of [peopleSuite, revealSuite, importSuite, mergeSuite, seedSuite, shareSuite]) {
  suite('embedded PostgreSQL 18', embeddedServer);
  describeWith(['postgres'], 'an external server', () => suite('Debian PostgreSQL 15', debianServer));
}
