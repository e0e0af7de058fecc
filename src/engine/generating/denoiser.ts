/** @file A denoiser made ready for computing: its network, its noise schedule, and what it predicts. */
import {
  buildSchedule,
  type NoiseSchedule,
  type PredictionKind,
} from '../../core/diffusion/noise-schedule.ts';
import { classInput } from '../../core/nn/denoiser/u-net.ts';
import type { Network } from '../../core/nn/network.ts';
import type { Normalization } from '../storage/models.ts';
import { openDenoiserNetwork, wantsClass, type DenoiserDescription } from './denoiser-description.ts';

export interface Denoiser {
  readonly network: Network;
  readonly schedule: NoiseSchedule;
  readonly prediction: PredictionKind;
  /** Classes that it can be told; 0: it is unconditional. */
  readonly classCount: number;
  /** Whether it has to be told a class; not given: it can do without. */
  readonly needsClass?: boolean;
}

export function openDenoiser(projectPath: string, description: DenoiserDescription): Denoiser {
  const network = openDenoiserNetwork(projectPath, description);
  const told = network.sideInputs?.find(({ name }) => name === classInput);
  return {
    network,
    schedule: buildSchedule(description.schedule),
    prediction: description.prediction,
    classCount: told?.shape[0] ?? 0,
    needsClass: wantsClass(description),
  };
}

/** Pixels in −1 … 1. */
export function signedPixels(channels: number): Normalization {
  const half = Array.from({ length: channels }, () => 0.5);
  return { means: half, deviations: half };
}
