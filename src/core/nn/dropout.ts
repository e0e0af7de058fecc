/** @file Dropout masks are inputs or constants of a program, so that every run is repeatable and masks can be shared between passes. */
import { Random } from '../base/random.ts';
import type { Feeds } from '../execution/executor.ts';
import type { Graph } from '../graph/graph.ts';
import { elementCount, float32, type Tensor } from '../tensor/tensor.ts';
import type { DropoutSpec, Masks, Network } from './network.ts';

const PREFIX = 'dropoutMask.';

export function dropoutInputName(layerName: string): string {
  return `${PREFIX}${layerName}`;
}

/** Where the network's masks act, for a person. */
export function dropoutPlaces({ dropouts }: Network): readonly string[] {
  return dropouts.map(({ inputName }) => inputName.slice(PREFIX.length));
}

/** One input per dropout layer with a mask for each sample, [batchSize, …shape]. */
export function maskInputs(graph: Graph, { dropouts }: Network, batchSize: number): Masks {
  return new Map(
    dropouts.map(({ inputName, shape }) => [
      inputName,
      graph.input(inputName, { dtype: 'float32', shape: [batchSize, ...shape] }),
    ]),
  );
}

/** One mask per dropout layer and sample: 1/(1 − rate) where a unit stays, 0 where it goes, so that the mean is 1. */
export function drawDropoutMasks(network: Network, batchSize: number, random: Random): Feeds {
  const masks: Record<string, Tensor> = {};
  for (const dropout of network.dropouts) {
    const mask = new Float32Array(batchSize * elementCount(dropout.shape));
    masks[dropout.inputName] = float32([batchSize, ...dropout.shape], drawInto(mask, dropout, random));
  }
  return masks;
}

/**
 * The same with a mask for each sample that depends on the seed, the layer and the sample's key alone, in whatever batch it comes. Rows past the
 * last key keep all units.
 */
export function drawKeyedMasks(
  { dropouts }: Network,
  batchSize: number,
  seed: number,
  keys: ArrayLike<number>,
): Feeds {
  const masks: Record<string, Tensor> = {};
  for (const dropout of dropouts) {
    const units = elementCount(dropout.shape);
    const mask = new Float32Array(batchSize * units).fill(1);
    for (let place = 0; place < keys.length; place++) {
      const random = new Random(seed, `${dropout.inputName}/${keys[place]!}`);
      drawInto(mask.subarray(place * units, (place + 1) * units), dropout, random);
    }
    masks[dropout.inputName] = float32([batchSize, ...dropout.shape], mask);
  }
  return masks;
}

/**
 * The sub-network that one mask leaves of the network, for all samples the same. The mask is part of it, a constant that the seed and the layer
 * fix: whatever is computed of the network is computed of the sub-network.
 */
export function subNetwork(network: Network, seed: number): Network {
  const draws = network.dropouts.map((dropout) => {
    const mask = new Float32Array(elementCount(dropout.shape));
    const random = new Random(seed, `${dropout.inputName}/all`);
    return [dropout.inputName, float32([1, ...dropout.shape], drawInto(mask, dropout, random))] as const;
  });
  return {
    ...network,
    dropouts: [],
    forward: (graph, images, parameters, told) =>
      network.forward(graph, images, parameters, {
        ...told,
        masks: new Map(draws.map(([name, mask]) => [name, graph.constant(mask)])),
      }),
  };
}

function drawInto<Buffer extends Float32Array>(mask: Buffer, { rate }: DropoutSpec, random: Random): Buffer {
  const kept = 1 / (1 - rate);
  for (let unit = 0; unit < mask.length; unit++) mask[unit] = random.uniform() < rate ? 0 : kept;
  return mask;
}
