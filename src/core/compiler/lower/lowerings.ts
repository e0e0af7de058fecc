/** @file How every operator becomes ONNX, per execution profile: a total table each. */
import { algebraLowerings } from './algebra.ts';
import { blockedConvolutionLowerings } from './blocked-convolution.ts';
import { convolutionLowerings } from './convolution.ts';
import { elementwiseLowerings } from './elementwise.ts';
import { movementLowerings } from './movement.ts';
import { poolingLowerings } from './pooling.ts';
import { portableOverrides, webgpuOverrides } from './portable.ts';
import { reductionLowerings } from './reduction.ts';
import type { Lowerings } from './rule.ts';
import { weightGradientLowerings } from './weight-gradient.ts';

const cpu: Lowerings = {
  ...elementwiseLowerings,
  ...movementLowerings,
  ...reductionLowerings,
  ...algebraLowerings,
  ...convolutionLowerings,
  ...weightGradientLowerings,
  ...poolingLowerings,
};

const cpuBlocks8: Lowerings = { ...cpu, ...blockedConvolutionLowerings(8) };
const cpuBlocks16: Lowerings = { ...cpu, ...blockedConvolutionLowerings(16) };

const webgpu: Lowerings = { ...cpu, ...webgpuOverrides };

/** CUDA, TensorRT, DirectML, CoreML. */
const portable: Lowerings = { ...cpu, ...portableOverrides };

/**
 * The hardware that a program is compiled for decides between formulations, never the operators' meaning. The `cpu` family may use
 * operators that ONNX Runtime has for itself; the others are standard ONNX.
 */
export const loweringsOf = {
  cpu,
  'cpu-blocks-8': cpuBlocks8,
  'cpu-blocks-16': cpuBlocks16,
  webgpu,
  portable,
} as const satisfies Record<string, Lowerings>;

export type Profile = keyof typeof loweringsOf;
