/** @file Entry of the engine process: the only process with native packages. Started and supervised by the desktop shell. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createServer } from '../contract/server.ts';
import { engineServices } from '../contract/services.ts';
import { createEngine } from './create-engine.ts';
import { connectToShell, selfTestThroughShell } from './host-transports.ts';
import { logBug } from './log.ts';

const { values } = parseArgs({
  options: { home: { type: 'string' }, resources: { type: 'string' } },
  strict: false,
});
const startSelfTest = selfTestThroughShell();
const engine = createEngine({
  homePath: path.resolve(String(values['home'])),
  resourcesPath: path.resolve(String(values['resources'])),
  ...(startSelfTest === undefined ? {} : { startSelfTest }),
});
const server = createServer(engineServices, engine.handlers, { onBug: logBug });
engine.onEvent((service, event, payload) => server.emit(service, event, payload));

const announceReady = connectToShell({
  onTransport: (transport) => server.attach(transport),
  onStop: () => void engine.dispose().finally(() => process.exit(0)),
});
announceReady();
