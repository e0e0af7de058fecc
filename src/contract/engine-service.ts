/** @file What this machine can do. */
import { z } from 'zod';
import { call, service } from './service.ts';
import { nothing } from './vocabulary.ts';

export const providerNames = ['cpu', 'webgpu', 'cuda', 'tensorrt', 'dml', 'coreml'] as const;
export const ProviderName = z.enum(providerNames);
export type ProviderName = z.infer<typeof ProviderName>;

/** Where a run computes: a provider, or the fastest that computes the same as the CPU. */
export const ProviderChoice = z.enum(['auto', ...providerNames]);
export type ProviderChoice = z.infer<typeof ProviderChoice>;

/** What a self-test of a provider against the CPU found. Errors are relative, times in milliseconds. */
export const ProviderVerdict = z.object({
  /** failed: it could not do the work at all. */
  outcome: z.enum(['agrees', 'disagrees', 'failed']),
  /** null: nothing came out, or something that is no number. */
  worstError: z.number().nullable(),
  /** How many times faster than the CPU. */
  speedRatio: z.number().nullable(),
  reason: z.string(),
  comparisons: z.array(
    z.object({
      name: z.string(),
      error: z.number().nullable(),
      tolerance: z.number(),
      cpuMs: z.number(),
      providerMs: z.number(),
    }),
  ),
});
export type ProviderVerdict = z.infer<typeof ProviderVerdict>;

export const ProviderState = z.object({
  name: ProviderName,
  available: z.boolean(),
  /** Why not, or what it runs on. */
  note: z.string(),
});
export type ProviderState = z.infer<typeof ProviderState>;

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
    /** Compares a provider with the CPU on the newest model of the open project, or on a small network of its own. */
    testProvider: call(z.object({ provider: ProviderName }), ProviderVerdict),
  },
  events: {},
});
