import { startDemo } from './demo/demo.ts';

/** `npm start`: a living community on this machine: simulated devices, a gateway, a cloud and the screens. */
await startDemo();
