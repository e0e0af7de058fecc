/** @file What a provider has to compute before it is trusted with a denoiser: its prediction, training step and features. */
import { Random } from '../../core/base/random.ts';
import type { Profile } from '../../core/compiler/lower/lowerings.ts';
import type { Feeds } from '../../core/execution/executor.ts';
import { denoiseProgram } from '../../core/nn/denoiser/denoise-program.ts';
import { denoiserFeatureProgram } from '../../core/nn/denoiser/denoiser-features.ts';
import { denoiserTrainingProgram } from '../../core/nn/denoiser/denoiser-training.ts';
import { drawDropoutMasks } from '../../core/nn/dropout.ts';
import { imageShape, type Network } from '../../core/nn/network.ts';
import { elementCount, float32, type Shape } from '../../core/tensor/tensor.ts';
import type { ProgramPair } from './program-comparison.ts';
import { GRADIENT_TOLERANCE, PREDICTION_TOLERANCE } from './self-test-tolerances.ts';

/** Denoisers are told the time beside the image; classifiers nothing. */
export function isDenoiser({ sideInputs = [] }: Network): boolean {
  return sideInputs.length > 0;
}

/** Without a limit to its length the gradient itself is compared. */
export const denoiserTraining = { weightDecay: 0, longestGradient: 0 } as const;

export function denoiserSelfTestPrograms(
  network: Network,
  parameters: Float32Array,
  profile: Profile,
  batchSize: number,
): ProgramPair[] {
  const feeds = makeFeeds(network, parameters, batchSize);
  const pair = (compileFor: (profile: Profile) => ProgramPair['onCpu']) => ({
    onCpu: compileFor('cpu'),
    onProvider: compileFor(profile),
    feeds,
  });
  return [
    {
      name: 'prediction',
      ...pair((each) => denoiseProgram(network, parameters, { batchSize, profile: each })),
      outputs: ['output', 'embedding'],
      tolerance: PREDICTION_TOLERANCE,
    },
    {
      name: 'training step',
      ...pair((each) => denoiserTrainingProgram(network, { ...denoiserTraining, batchSize, profile: each })),
      // The moments after a first step are the gradient and its square; in the new parameters an error of it would drown.
      outputs: ['optimizerState', 'losses'],
      tolerance: GRADIENT_TOLERANCE,
    },
    ...(['fold', 'factorised'] as const).map((kind) => ({
      name: `features (${kind})`,
      ...pair((each) =>
        denoiserFeatureProgram(network, parameters, {
          batchSize,
          profile: each,
          outputFunction: 'square',
          prediction: 'epsilon',
          projection: { kind, size: 128, seed: 0 },
        }),
      ),
      outputs: ['features'],
      tolerance: GRADIENT_TOLERANCE,
    })),
  ];
}

function makeFeeds(network: Network, parameters: Float32Array, batchSize: number): Feeds {
  const random = new Random(1, 'self-test');
  const draw = (shape: Shape) =>
    float32(
      shape,
      Float32Array.from({ length: elementCount(shape) }, () => random.normal()),
    );
  const count = parameters.length;
  return {
    images: draw(imageShape(network, batchSize)),
    targets: draw(imageShape(network, batchSize)),
    noise: draw(imageShape(network, batchSize)),
    ...Object.fromEntries(
      (network.sideInputs ?? []).map(({ name, shape }) => [name, draw([batchSize, ...shape])]),
    ),
    sampleWeights: float32([batchSize], new Float32Array(batchSize).fill(1 / batchSize)),
    parameters: float32([count], Float32Array.from(parameters)),
    average: float32([count], Float32Array.from(parameters)),
    optimizerState: float32([2 * count], new Float32Array(2 * count)),
    learningRate: float32([1], Float32Array.of(1e-3)),
    averageShare: float32([1], Float32Array.of(0.1)),
    step: float32([1], Float32Array.of(1)),
    ...drawDropoutMasks(network, batchSize, random),
  };
}
