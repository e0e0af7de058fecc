/** @file `whence serve`: the engine and the built window on loopback, until it is told to stop. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { AppError } from '../core/base/app-error.ts';
import { serve } from '../server/serve.ts';
import { openSession } from './session.ts';
import type { Streams } from './output.ts';

const RENDERER_PATH = path.resolve(import.meta.dirname, '../../out/renderer');

export async function serveProject(
  streams: Streams,
  options: { project?: string; port: number },
): Promise<void> {
  if (!existsSync(path.join(RENDERER_PATH, 'index.html'))) {
    throw new AppError('usage-invalid', {
      reason: 'The window has not been built yet: run npm run build first',
    });
  }
  const session = openSession();
  try {
    if (options.project !== undefined)
      await session.client.projects.open({ path: path.resolve(options.project) });
    const served = await serve(session.engine, { port: options.port, rendererPath: RENDERER_PATH });
    streams.out.write(`Whence is at ${served.url}\nIt answers this machine only. Press Ctrl+C to stop.\n`);
    await stopRequested();
    await served.close();
  } finally {
    await session.close();
  }
}

function stopRequested(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}
