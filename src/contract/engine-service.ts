/** @file What this machine can do. */
import { z } from 'zod';
import { call, service } from './service.ts';
import { nothing } from './vocabulary.ts';

export const ProviderState = z.object({
  name: z.string(),
  available: z.boolean(),
  /** Why not, or what it runs on. */
  note: z.string(),
});

export const MachineCheck = z.object({
  version: z.string(),
  node: z.string(),
  sqlite: z.string(),
  onnxRuntime: z.string(),
  platform: z.string(),
  cpuModel: z.string(),
  coreCount: z.number().int(),
  memoryBytes: z.number(),
  freeMemoryBytes: z.number(),
  providers: z.array(ProviderState),
});
export type MachineCheck = z.infer<typeof MachineCheck>;

export const engine = service({
  name: 'engine',
  calls: {
    checkMachine: call(nothing, MachineCheck),
  },
  events: {},
});
