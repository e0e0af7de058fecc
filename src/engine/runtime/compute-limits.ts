/** @file With how much a run may compute: what somebody set, or what suits the machine. */
import { availableParallelism, totalmem } from 'node:os';
import type { Settings } from '../../contract/settings-service.ts';

const MIB = 2 ** 20;
/** The rest is for the window, the system, and what lies beside a computation: images, features, the database. */
const SHARE_OF_MEMORY = 0.75;

export interface ComputeLimits {
  /** On the CPU. */
  readonly threads: number;
  /** Of one computation: programs that need more are not opened, and their batches get smaller. */
  readonly memoryBytes: number;
}

/** 0 stands for what suits the machine. */
export function computeLimits({
  threads,
  memoryMib,
}: Pick<Settings, 'threads' | 'memoryMib'>): ComputeLimits {
  return {
    threads: threads === 0 ? suitableThreads() : threads,
    memoryBytes: memoryMib === 0 ? suitableMemory() : memoryMib * MIB,
  };
}

/** Leaves a core to the window where there are enough: contention costs more than the core gives. */
export function suitableThreads(): number {
  const cores = availableParallelism();
  return cores > 2 ? cores - 1 : cores;
}

export function suitableMemory(): number {
  return Math.floor((SHARE_OF_MEMORY * machineMemory()) / MIB) * MIB;
}

/** A container may be given less than the machine has. */
export function machineMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
