/** @file Names of what a run can compute on. */
import type { ProviderName } from '../../../contract/engine-service.ts';

export const providerNames = {
  cpu: 'CPU',
  webgpu: 'WebGPU',
  cuda: 'CUDA',
  tensorrt: 'TensorRT',
  dml: 'DirectML',
  coreml: 'CoreML',
} as const satisfies Record<ProviderName, string>;
