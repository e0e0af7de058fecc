import { describe, expect, it } from 'vitest';
import { makeAttentionNetwork } from '../../../../testing/attention-network.ts';
import { drawBatch, drawParameters, expectClose, makeClassifier } from '../../../../testing/networks.ts';
import { runProgram } from '../../../../testing/sessions.ts';
import { layOut } from '../../../core/nn/classifier.ts';
import {
  factorOutputs,
  factorStatisticsProgram,
  gradientBlocks,
  squaredGradientsProgram,
  type GradientBlock,
} from '../../../core/nn/factor-statistics-program.ts';
import { featureProgram } from '../../../core/nn/feature-program.ts';
import type { Network } from '../../../core/nn/network.ts';
import { predictionProgram } from '../../../core/nn/prediction-program.ts';
import { float32, numbersOf, type Tensor } from '../../../core/tensor/tensor.ts';

const BATCH = 3;

function feedsOf(network: Network, weights = [1, 1, 0]): Record<string, Tensor> {
  return { ...drawBatch(network, BATCH), sampleWeights: float32([BATCH], Float32Array.from(weights)) };
}

/** A convolution straight into a linear layer: δ can be written down. */
const convolutional = layOut(makeClassifier('cnn').config, [
  { kind: 'conv', name: 'conv', inputs: 2, outputs: 2, kernel: 3, padding: 1, bias: true },
  { kind: 'flatten' },
  { kind: 'linear', name: 'head', inputs: 128, outputs: 3, last: true },
]);

/** Whole gradients of the first two samples. */
async function gradientsOf(network: Network): Promise<Float64Array[]> {
  const program = featureProgram(network, drawParameters(network), {
    batchSize: BATCH,
    profile: 'cpu',
    outputFunction: 'loss',
    projection: { kind: 'none', size: 0, seed: 0 },
  });
  const flat = numbersOf((await runProgram(program, drawBatch(network, BATCH)))['features']!);
  const size = network.parameterCount;
  return [0, 1].map((row) => flat.slice(row * size, (row + 1) * size));
}

describe('Kronecker factors', () => {
  it('of a convolution are sums over its places of what it saw and what came back, without the padding of the batch', async () => {
    const network = convolutional;
    const blocks = gradientBlocks(network, null);
    const parameters = drawParameters(network);
    const feeds = feedsOf(network);
    const found = await runProgram(
      factorStatisticsProgram(network, parameters, { batchSize: BATCH, profile: 'cpu', blocks }),
      feeds,
    );
    const predicted = await runProgram(
      predictionProgram(network, parameters, { batchSize: BATCH, profile: 'cpu' }),
      feeds,
    );
    const [probabilities, targets] = [predicted['probabilities']!, feeds['targets']!].map(numbersOf);
    const images = numbersOf(feeds['images']!);
    const head = network.parameters.find(({ name }) => name === 'head.weight')!;
    const [left, right] = [new Float64Array(4), new Float64Array(18 * 18)];
    for (let sample = 0; sample < 2; sample++) {
      for (let place = 0; place < 64; place++) {
        const [row, column] = [Math.floor(place / 8), place % 8];
        const patch = Array.from({ length: 18 }, (_, index) => {
          const [channel, y, x] = [Math.floor(index / 9), Math.floor((index % 9) / 3), index % 3];
          const [top, at] = [row + y - 1, column + x - 1];
          if (top < 0 || top > 7 || at < 0 || at > 7) return 0;
          return images[((sample * 2 + channel) * 8 + top) * 8 + at]!;
        });
        const delta = [0, 1].map((channel) =>
          [0, 1, 2].reduce((sum, c) => {
            const error = probabilities![sample * 3 + c]! - targets![sample * 3 + c]!;
            return sum + error * parameters[head.offset + c * 128 + channel * 64 + place]!;
          }, 0),
        );
        for (let a = 0; a < 18; a++)
          for (let b = 0; b < 18; b++) right[a * 18 + b]! += (patch[a]! * patch[b]!) / 64;
        for (let a = 0; a < 2; a++) for (let b = 0; b < 2; b++) left[a * 2 + b]! += delta[a]! * delta[b]!;
      }
    }
    const conv = blocks.find(({ name }) => name === 'conv.weight')!;
    expectClose(numbersOf(found[factorOutputs.left(conv)]!), left, 'δδᵀ');
    expectClose(numbersOf(found[factorOutputs.right(conv)]!), right, 'aaᵀ');
  });

  it.each([
    ['convolutional', convolutional],
    ['attention', makeAttentionNetwork()],
  ])('leave the rest of a network (%s) a diagonal: the sum of squared gradients', async (_, network) => {
    const blocks = gradientBlocks(network, null);
    const program = factorStatisticsProgram(network, drawParameters(network), {
      batchSize: BATCH,
      profile: 'cpu',
      blocks,
    });
    const found = await runProgram(program, feedsOf(network));
    const gradients = await gradientsOf(network);
    const diagonal = blocks.filter((block) => factorOutputs.squares(block) in found);
    expect(diagonal.length).toBeGreaterThan(0);
    expect(diagonal.length).toBeLessThan(blocks.length);
    for (const block of diagonal) {
      const expected = Array.from({ length: block.size }, (_each, index) =>
        gradients.reduce((sum, gradient) => sum + gradient[block.offset + index]! ** 2, 0),
      );
      expectClose(numbersOf(found[factorOutputs.squares(block)]!), expected, block.name);
    }
  });

  it('measure squared gradients in any basis: those of P·G·Qᵀ', async () => {
    const network = makeAttentionNetwork();
    const turn = (block: GradientBlock): GradientBlock => {
      const { plan } = block;
      if (plan === null) return block;
      // Left and right are a reversal: orthonormal, and easily written down.
      const reversal = (size: number) =>
        Float32Array.from({ length: size * size }, (_, index) =>
          Math.floor(index / size) + (index % size) === size - 1 ? 1 : 0,
        );
      return { ...block, plan: { ...plan, left: reversal(plan.rows), right: reversal(plan.columns) } };
    };
    const blocks = gradientBlocks(network, null).map(turn);
    const program = squaredGradientsProgram(network, drawParameters(network), {
      batchSize: BATCH,
      profile: 'cpu',
      blocks,
    });
    const found = await runProgram(program, feedsOf(network));
    const gradients = await gradientsOf(network);
    for (const block of blocks.filter(({ plan }) => plan !== null)) {
      const expected = Array.from({ length: block.size }, (_, index) =>
        gradients.reduce((sum, gradient) => sum + gradient[block.offset + block.size - 1 - index]! ** 2, 0),
      );
      expectClose(numbersOf(found[factorOutputs.squares(block)]!), expected, block.name);
    }
  });
});
