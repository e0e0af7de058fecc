import { describe, expect, it } from 'vitest';
import { denoiserTrainingFeeds, makeDenoiser, makeLinearDenoiser } from '../../../../testing/denoisers.ts';
import { differenceStep, tolerances } from '../../../../testing/tolerances.ts';
import { Random } from '../../base/random.ts';
import { interpret } from '../../execution/reference-interpreter.ts';
import { float32, numbersOf, tensorOf, type Tensor } from '../../tensor/tensor.ts';
import type { Network } from '../network.ts';
import { denoiserTrainingGraph } from './denoiser-training.ts';

const names = ['parameters', 'average', 'optimizerState', 'losses'] as const;
type Step = Readonly<Record<(typeof names)[number], Float64Array>>;

interface Options {
  readonly batchSize: number;
  readonly weightDecay?: number;
  readonly longestGradient?: number;
}

/** One step with the feeds of a batch, some of them replaced; of AdamW without a past unless one is fed. */
function step(network: Network, options: Options, replaced: Readonly<Record<string, Tensor>> = {}): Step {
  const { graph, outputs } = denoiserTrainingGraph(network, {
    weightDecay: 0,
    longestGradient: 0,
    ...options,
  });
  const found = interpret(
    graph,
    names.map((name) => outputs[name]!),
    {
      ...denoiserTrainingFeeds(network, options.batchSize),
      optimizerState: float32([2 * network.parameterCount], new Float32Array(2 * network.parameterCount)),
      step: float32([1], Float32Array.of(1)),
      ...replaced,
    },
  );
  return Object.fromEntries(names.map((name, index) => [name, numbersOf(found[index]!)])) as unknown as Step;
}

/** Without a past AdamW's first moment is a tenth of the gradient, the tenth being one of float32. */
function gradientOf({ optimizerState }: Pick<Step, 'optimizerState'>): Float64Array {
  return optimizerState.slice(0, optimizerState.length / 2).map((moment) => moment / Math.fround(1 - 0.9));
}

function lengthOf(vector: Float64Array): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
}

describe('a training step of the U-Net', () => {
  const network = makeDenoiser();
  const feeds: Record<string, Tensor> = {
    ...denoiserTrainingFeeds(network, 1),
    optimizerState: float32([2 * network.parameterCount], new Float32Array(2 * network.parameterCount)),
  };
  const parameters = numbersOf(feeds['parameters']!);
  const { graph, outputs } = denoiserTrainingGraph(network, {
    batchSize: 1,
    weightDecay: 0,
    longestGradient: 0,
  });
  const random = new Random(3, 'direction');
  const direction = parameters.map(() => random.normal());
  const length = lengthOf(direction);

  it('follows the gradient that differences of the losses see', () => {
    const lossAfter = (by: number): number => {
      const moved = parameters.map((value, index) => value + (by * direction[index]!) / length);
      const after = { ...feeds, parameters: tensorOf('float64', [moved.length], moved) };
      return numbersOf(interpret(graph, [outputs['losses']!], after)[0]!)[0]!;
    };
    const measured = (lossAfter(differenceStep) - lossAfter(-differenceStep)) / (2 * differenceStep);
    const [optimizerState] = interpret(graph, [outputs['optimizerState']!], feeds).map(numbersOf);
    const gradient = gradientOf({ optimizerState: optimizerState! });
    const claimed = gradient.reduce((sum, value, index) => sum + (value * direction[index]!) / length, 0);
    expect(Math.abs(measured)).toBeGreaterThan(1e-3);
    expect(Math.abs(claimed - measured)).toBeLessThan(tolerances.centralDifferenceOfNetwork);
  });
});

describe('a training step', () => {
  const network = makeLinearDenoiser();
  const batch = denoiserTrainingFeeds(network, 3);
  const weights = (...values: readonly number[]): Record<string, Tensor> => ({
    sampleWeights: float32([3], Float32Array.from(values)),
  });
  const lossesAfter = (after: Step): Float64Array =>
    step(network, { batchSize: 3 }, { parameters: tensorOf('float64', [16], after.parameters) }).losses;

  it('has the gradient Σ wᵢ·(2/d)·(Wxᵢ − yᵢ)·xᵢᵀ of a linear denoiser', () => {
    const [w, x, y, shares] = ['parameters', 'images', 'targets', 'sampleWeights'].map((name) =>
      numbersOf(batch[name]!),
    ) as [Float64Array, Float64Array, Float64Array, Float64Array];
    const expected = new Float64Array(16);
    for (let sample = 0; sample < 3; sample++) {
      for (let row = 0; row < 4; row++) {
        let error = -y[4 * sample + row]!;
        for (let column = 0; column < 4; column++) error += w[4 * row + column]! * x[4 * sample + column]!;
        for (let column = 0; column < 4; column++)
          expected[4 * row + column]! += ((2 * shares[sample]!) / 4) * error * x[4 * sample + column]!;
      }
    }
    gradientOf(step(network, { batchSize: 3 })).forEach((value, index) => {
      expect(value).toBeCloseTo(expected[index]!, 12);
    });
  });

  it('descends for samples of positive weight, climbs for those of negative, and does not see those of none', () => {
    for (const [sign, share] of [
      ['falls', 1],
      ['rises', -1],
    ] as const) {
      const after = step(network, { batchSize: 3 }, weights(share, 0, 0));
      const change = lossesAfter(after)[0]! - after.losses[0]!;
      expect(Math.sign(change), sign).toBe(-share);
    }
    const other = new Float32Array(12).fill(9);
    other.set(batch['images']!.data.slice(0, 4) as Float32Array);
    const seen = step(network, { batchSize: 3 }, weights(1, 0, 0));
    const replaced = { ...weights(1, 0, 0), images: float32([3, 1, 2, 2], other) };
    expect(step(network, { batchSize: 3 }, replaced).parameters).toEqual(seen.parameters);
  });

  it('cuts long gradients to their direction and leaves short ones', () => {
    const free = gradientOf(step(network, { batchSize: 3 }));
    const cut = gradientOf(step(network, { batchSize: 3, longestGradient: 1 / 128 }));
    expect(lengthOf(free)).toBeGreaterThan(0.02);
    expect(lengthOf(cut)).toBeCloseTo(1 / 128, 12);
    cut.forEach((value, index) => {
      expect(value * 128).toBeCloseTo(free[index]! / lengthOf(free), 10);
    });
    expect(gradientOf(step(network, { batchSize: 3, longestGradient: 1e3 }))).toEqual(free);
  });

  it('shortens the parameters by the decay, whatever the gradient', () => {
    const [kept, decayed] = [0, 0.5].map((weightDecay) => step(network, { batchSize: 3, weightDecay }));
    const before = numbersOf(batch['parameters']!);
    const rate = numbersOf(batch['learningRate']!)[0]!;
    before.forEach((value, index) => {
      expect(decayed!.parameters[index]! - kept!.parameters[index]!).toBeCloseTo(-rate * 0.5 * value, 12);
    });
  });

  it('moves the average by its share towards the new parameters', () => {
    const before = numbersOf(batch['average']!);
    const { parameters, average } = step(network, { batchSize: 3 });
    before.forEach((value, index) => {
      expect(average[index]).toBeCloseTo(0.75 * value + 0.25 * parameters[index]!, 12);
    });
    const whole = step(network, { batchSize: 3 }, { averageShare: float32([1], Float32Array.of(1)) });
    whole.average.forEach((value, index) => {
      expect(value).toBeCloseTo(whole.parameters[index]!, 14);
    });
  });
});
