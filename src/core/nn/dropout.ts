/** @file Dropout masks are inputs of a program, so that every run is repeatable and masks can be shared between passes. */
import type { Random } from '../base/random.ts';
import type { Feeds } from '../execution/executor.ts';
import { elementCount, float32, type Tensor } from '../tensor/tensor.ts';
import type { Network } from './network.ts';

export function dropoutInputName(layerName: string): string {
  return `dropoutMask.${layerName}`;
}

/** One mask per dropout layer: 1/(1 − rate) where a unit stays, 0 where it goes, so that the mean is 1. */
export function drawDropoutMasks(network: Network, batchSize: number, random: Random): Feeds {
  const masks: Record<string, Tensor> = {};
  for (const { inputName, shape, rate } of network.dropouts) {
    const mask = new Float32Array(batchSize * elementCount(shape));
    const kept = 1 / (1 - rate);
    masks[inputName] = float32(
      [batchSize, ...shape],
      mask.map(() => (random.uniform() < rate ? 0 : kept)),
    );
  }
  return masks;
}
