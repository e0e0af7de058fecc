/** @file A client of the engine within this process: opens a project, starts runs and waits for them. */
import { homedir } from 'node:os';
import path from 'node:path';
import { createClient, type Clients } from '../contract/client.ts';
import { createLocalTransport } from '../contract/local-transport.ts';
import type { Run, RunProgress, RunRequest } from '../contract/runs-service.ts';
import { createServer } from '../contract/server.ts';
import { engineServices, type EngineServices } from '../contract/services.ts';
import type { RunId } from '../contract/vocabulary.ts';
import { createEngine, type Engine } from '../engine/create-engine.ts';
import { logBug } from '../engine/log.ts';

export interface Session {
  readonly engine: Engine;
  readonly client: Clients<EngineServices>;
  /** Starts a run, reports its progress, and answers it when it has ended, however it ended. */
  run(request: RunRequest, onProgress: (progress: RunProgress) => void): Promise<Run>;
  /** Waits for a run that is under way. */
  follow(runId: RunId, onProgress: (progress: RunProgress) => void): Promise<Run>;
  close(): Promise<void>;
}

const ENDED: readonly Run['status'][] = ['finished', 'failed', 'cancelled', 'interrupted'];

/** Machine-wide state of Whence (recent projects, the reviewer's name): where the desktop app keeps it too. */
export function homePath(): string {
  const configured = process.env['WHENCE_HOME'];
  if (configured !== undefined && configured !== '') return path.resolve(configured);
  return path.join(applicationDataPath(), 'whence');
}

function applicationDataPath(): string {
  if (process.platform === 'darwin') return path.join(homedir(), 'Library/Application Support');
  if (process.platform === 'win32') return process.env['APPDATA'] ?? path.join(homedir(), 'AppData/Roaming');
  return process.env['XDG_CONFIG_HOME'] ?? path.join(homedir(), '.config');
}

export function resourcesPath(): string {
  return path.resolve(import.meta.dirname, '../../resources');
}

export function openSession(): Session {
  const engine = createEngine({ homePath: homePath(), resourcesPath: resourcesPath() });
  const server = createServer(engineServices, engine.handlers, { onBug: logBug });
  engine.onEvent((service, event, payload) => server.emit(service, event, payload));
  const wire = createLocalTransport();
  server.attach(wire.far);
  const client = createClient(engineServices, wire.near);

  const follow: Session['follow'] = async (runId, onProgress) => {
    const leaveProgress = client.runs.on('progress', (progress) => {
      if (progress.runId === runId) onProgress(progress);
    });
    const cancel = (): void => void client.runs.cancel({ runId }).catch(() => undefined);
    process.once('SIGINT', cancel);
    try {
      return await ended(client, runId);
    } finally {
      leaveProgress();
      process.off('SIGINT', cancel);
    }
  };

  return {
    engine,
    client,
    follow,
    run: async (request, onProgress) => follow(await client.runs.start(request), onProgress),
    close: () => engine.dispose(),
  };
}

/** Listens before it looks, so that an end in between is not missed. */
function ended(client: Clients<EngineServices>, runId: RunId): Promise<Run> {
  return new Promise((resolve, reject) => {
    const settle = (run: Run): void => {
      if (run.id !== runId || !ENDED.includes(run.status)) return;
      leave();
      resolve(run);
    };
    const leave = client.runs.on('changed', settle);
    client.runs.get({ runId }).then(settle, reject);
  });
}
