/** @file A denoiser made ready for computing: its network, its noise schedule, and what it predicts. */
import {
  buildSchedule,
  type NoiseSchedule,
  type PredictionKind,
} from '../../core/diffusion/noise-schedule.ts';
import type { Network } from '../../core/nn/network.ts';
import type { Normalization } from '../storage/models.ts';
import type { DenoiserDescription } from './denoiser-description.ts';
import { openDenoiserNetwork } from './denoiser-description.ts';

export interface Denoiser {
  readonly network: Network;
  readonly schedule: NoiseSchedule;
  readonly prediction: PredictionKind;
  /** Classes that it can be told; 0: it is unconditional. */
  readonly classCount: number;
}

export function openDenoiser(projectPath: string, description: DenoiserDescription): Denoiser {
  return {
    network: openDenoiserNetwork(projectPath, description),
    schedule: buildSchedule(description.schedule),
    prediction: description.prediction,
    classCount: description.network.classCount,
  };
}

/** Pixels in −1 … 1. */
export function signedPixels(channels: number): Normalization {
  const half = Array.from({ length: channels }, () => 0.5);
  return { means: half, deviations: half };
}
