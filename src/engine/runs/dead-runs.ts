/** @file Runs that a process left behind when it ended: they are marked as interrupted, and can be resumed. */
import type { Connection } from '../storage/connection.ts';
import { listUnfinishedRuns, markRunStopped, type RunProvenance } from '../storage/runs.ts';

/** A process that lives but has not said so for this long has lost its run (its number was given to another process). */
const SILENCE_MS = 60_000;

/** Marks every unfinished run whose process is gone. Called when a project is opened, before anything is started. */
export function interruptDeadRuns(connection: Connection): void {
  connection
    .transaction(() => {
      for (const { runId, provenance } of listUnfinishedRuns(connection))
        if (!isWorkedOn(provenance)) markRunStopped(connection, runId, 'interrupted');
    })
    .immediate();
}

/** Another live Whence process (a second window, the command line) holds this run. */
function isWorkedOn({ processId, heartbeatMs }: RunProvenance): boolean {
  if (processId === undefined || processId === process.pid) return false;
  if (Date.now() - (heartbeatMs ?? 0) > SILENCE_MS) return false;
  return isAlive(processId);
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
