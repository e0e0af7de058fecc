/** @file The provider of a run: what it was asked for or began on, and what the run's row says of it. */
import { join } from 'node:path';
import type { ProviderChoice } from '../../contract/engine-service.ts';
import { providerTitles } from '../runtime/providers.ts';
import { RunExecutor } from '../runtime/run-executor.ts';
import { VerdictStore } from '../runtime/verdict-store.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { addRunNotes, addRunProvenance, readRunProvenance } from '../storage/runs.ts';
import type { RunContext } from './run-context.ts';
import type { RunHost } from './serve-runs.ts';

/** The file of a project's verdicts on providers; without it they are tested again. */
export function openVerdicts(folder: ProjectFolder): VerdictStore {
  return new VerdictStore(join(folder.cachePath, 'provider-verdicts.json'));
}

/** A resumed run goes on where it began: another provider's last digits would make it another run. */
export function runExecutor(
  folder: ProjectFolder,
  choice: ProviderChoice,
  context: RunContext,
  host: RunHost,
): RunExecutor {
  const { connection } = folder;
  const { runId } = context;
  return new RunExecutor({
    choice: readRunProvenance(connection, runId).provider ?? choice,
    deviceId: chosenDevice(),
    limits: host.limits,
    verdicts: openVerdicts(folder),
    startSelfTest: host.startSelfTest,
    onTest: (provider) => context.progress(`Testing ${providerTitles[provider]} with this model`, null),
    onProvider: (provider, notes) => {
      addRunProvenance(connection, runId, { provider });
      addRunNotes(
        connection,
        runId,
        notes.map((note) => note.message),
      );
      host.announce();
    },
  });
}

/** Of several GPUs the first, unless the environment names another. */
export function chosenDevice(): number {
  const number = Number(process.env['WHENCE_GPU'] ?? 0);
  return Number.isInteger(number) && number >= 0 ? number : 0;
}
