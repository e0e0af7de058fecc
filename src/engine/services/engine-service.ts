/** @file What this machine can do. */
import { arch, availableParallelism, cpus, freemem, release, totalmem, type } from 'node:os';
import type { engine, MachineCheck } from '../../contract/engine-service.ts';
import type { Handlers } from '../../contract/service.ts';
import { softwareVersions } from '../runs/versions.ts';
import { listProviders } from '../runtime/providers.ts';
import { sqliteVersion } from '../storage/connection.ts';
import { whenceVersion } from '../version.ts';

export function makeEngineHandlers(): Handlers<typeof engine> {
  return { checkMachine };
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
