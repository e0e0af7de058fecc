/** @file What this machine can do. */
import { arch, availableParallelism, cpus, freemem, release, totalmem, type } from 'node:os';
import type { engine, MachineCheck } from '../../contract/engine-service.ts';
import type { Handlers } from '../../contract/service.ts';
import { softwareVersions } from '../runs/versions.ts';
import { buildClassifier } from '../../core/nn/classifier.ts';
import { openNetwork } from '../modelling/open-network.ts';
import { chosenDevice, openVerdicts } from '../runs/run-provider.ts';
import { listProviders } from '../runtime/providers.ts';
import type { TestedModel } from '../runtime/self-test-programs.ts';
import { testProvider } from '../runtime/test-provider.ts';
import { listModels, readModel } from '../storage/models.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { readModelOf } from '../training/model-artifact.ts';
import type { EngineContext } from './engine-context.ts';
import { sqliteVersion } from '../storage/connection.ts';
import { whenceVersion } from '../version.ts';

export function makeEngineHandlers(context: EngineContext): Handlers<typeof engine> {
  return {
    checkMachine,
    testProvider: ({ provider }) => {
      const folder = context.projectOrNull?.folder ?? null;
      return testProvider(provider, modelToTest(folder), {
        deviceId: chosenDevice(),
        verdicts: folder === null ? null : openVerdicts(folder),
        startSelfTest: context.startSelfTest,
        afresh: true,
      });
    },
  };
}

/** The newest model; where there is none, a small network such as training begins with. */
function modelToTest(folder: ProjectFolder | null): TestedModel {
  const newest =
    folder === null ? undefined : listModels(folder.connection).find(({ task }) => task === 'classify');
  if (folder === null || newest === undefined) {
    const shape = { channels: 1, imageSize: 28, classCount: 10, dropout: 0 };
    const network = buildClassifier({ architecture: 'cnn', ...shape });
    return { network, parameters: network.initialParameters(0) };
  }
  const artifact = readModelOf(folder, readModel(folder.connection, newest.id));
  return { network: openNetwork(folder.path, artifact.network), parameters: artifact.parameters };
}

function checkMachine(): MachineCheck {
  return {
    version: whenceVersion,
    node: process.versions.node,
    sqlite: sqliteVersion(),
    onnxRuntime: softwareVersions()['onnxRuntime'] ?? '',
    platform: `${type()} ${release()} ${arch()}`,
    cpuModel: cpus()[0]?.model.trim() ?? arch(),
    coreCount: availableParallelism(),
    memoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
    providers: [...listProviders()],
  };
}
