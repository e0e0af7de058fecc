import { describe, expect, it } from 'vitest';
import { makeLinearDenoiser, noisyFeeds } from '../../../../testing/denoisers.ts';
import { diffusionOutputs, type DiffusionOutput } from '../../diffusion/output-functions.ts';
import { buildSchedule, predictionKinds, usualSchedule } from '../../diffusion/noise-schedule.ts';
import { noiseCoefficients } from '../../diffusion/prediction.ts';
import { interpret } from '../../execution/reference-interpreter.ts';
import { float32, numbersOf } from '../../tensor/tensor.ts';
import {
  denoiserFeatureGraph,
  noisyShareInput,
  predictionShareInput,
  type DenoiserFeatureOptions,
} from './denoiser-features.ts';

const BATCH = 3;
const SIZE = 4;
const network = makeLinearDenoiser();
const parameters = network.initialParameters(1);
const { images } = noisyFeeds(network, BATCH);
const noise = float32(
  [BATCH, 1, 2, 2],
  Float32Array.from({ length: 12 }, (_, index) => Math.sin(index)),
);
const sampleWeights = float32([BATCH], Float32Array.of(1, 0.25, -2));
const schedule = buildSchedule(usualSchedule('linear', 1000));
const steps = [10, 300, 900] as const;

/** ∂f/∂ε̂ of one sample from its ε̂ and ε, [4] (METHODS §3.2). */
const slopes: Readonly<Record<DiffusionOutput, (said: Float64Array, noise: Float64Array) => Float64Array>> = {
  loss: (said, truth) => said.map((value, index) => (2 / SIZE) * (value - truth[index]!)),
  'weighted-loss': (said, truth) => said.map((value, index) => (2 / SIZE) * (value - truth[index]!)),
  square: (said) => said.map((value) => (2 / SIZE) * value),
  mean: (said) => said.map(() => 1 / SIZE),
  l1: (said) => said.map(Math.sign),
  l2: (said) => said.map((value) => value / Math.hypot(...said)),
  linf: (said) => {
    const largest = Math.max(...said.map(Math.abs));
    return said.map((value) => (Math.abs(value) === largest ? Math.sign(value) : 0));
  },
};

type Options = Pick<DenoiserFeatureOptions, 'outputFunction' | 'prediction'>;

function sharesOf(prediction: Options['prediction'], sample: number) {
  return noiseCoefficients(prediction, schedule, steps[sample]!);
}

/** `features` [3, 16] and `losses` [3] as the graph has them. */
function found({ outputFunction, prediction }: Options): readonly [Float64Array, Float64Array] {
  const { graph, outputs } = denoiserFeatureGraph(network, parameters, {
    batchSize: BATCH,
    outputFunction,
    prediction,
    projection: { kind: 'none', size: 0, seed: 0 },
  });
  const share = (of: 'noisy' | 'prediction') =>
    float32(
      [BATCH, 1, 1, 1],
      Float32Array.from(steps, (_, sample) => sharesOf(prediction, sample)[of]),
    );
  const [features, losses] = interpret(graph, [outputs['features']!, outputs['losses']!], {
    images: images!,
    noise,
    sampleWeights,
    [noisyShareInput]: share('noisy'),
    [predictionShareInput]: share('prediction'),
  });
  return [numbersOf(features!), numbersOf(losses!)];
}

/** What the noise is said to be of one sample, and the image, both [4]. */
function saidOf(prediction: Options['prediction'], sample: number): readonly [Float64Array, Float64Array] {
  const image = numbersOf(images!).slice(SIZE * sample, SIZE * (sample + 1));
  const shares = sharesOf(prediction, sample);
  const said = image.map((pixel, row) => {
    const output = image.reduce((sum, value, column) => sum + parameters[SIZE * row + column]! * value, 0);
    return Math.fround(shares.noisy) * pixel + Math.fround(shares.prediction) * output;
  });
  return [said, image];
}

describe('features of a linear denoiser Wx', () => {
  const cases = diffusionOutputs.flatMap((outputFunction) =>
    predictionKinds.map((prediction) => ({ outputFunction, prediction })),
  );

  it.each(cases)('are w·b·∂f/∂ε̂·xᵀ ($outputFunction of $prediction)', (options) => {
    const [features] = found(options);
    for (let sample = 0; sample < BATCH; sample++) {
      const [said, image] = saidOf(options.prediction, sample);
      const truth = numbersOf(noise).slice(SIZE * sample, SIZE * (sample + 1));
      const share =
        sampleWeights.data[sample]! * Math.fround(sharesOf(options.prediction, sample).prediction);
      const slope = slopes[options.outputFunction](said, truth);
      slope.forEach((value, row) => {
        image.forEach((pixel, column) => {
          const feature = features[16 * sample + SIZE * row + column]!;
          expect(feature / (1 + Math.abs(share))).toBeCloseTo(
            (share * value * pixel) / (1 + Math.abs(share)),
            11,
          );
        });
      });
    }
  });

  it.each(predictionKinds)('come with the mean squared error of the noise (%s)', (prediction) => {
    const [, losses] = found({ outputFunction: 'square', prediction });
    losses.forEach((loss, sample) => {
      const [said] = saidOf(prediction, sample);
      const expected = said.reduce(
        (sum, value, index) => sum + (value - noise.data[SIZE * sample + index]!) ** 2 / SIZE,
        0,
      );
      expect(loss / expected).toBeCloseTo(1, 12);
    });
  });
});
