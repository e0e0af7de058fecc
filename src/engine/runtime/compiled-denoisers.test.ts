import { describe, expect, it } from 'vitest';
import {
  denoiserFeatureFeeds,
  denoiserTrainingFeeds,
  makeDenoiser,
  noisyFeeds,
} from '../../../testing/denoisers.ts';
import {
  drawParameters,
  expectClose,
  expectEachParameterClose,
  sameBits,
} from '../../../testing/networks.ts';
import { openProgram, runProgram } from '../../../testing/sessions.ts';
import { compile } from '../../core/compiler/compile.ts';
import type { Feeds, Fetches } from '../../core/execution/executor.ts';
import { interpret } from '../../core/execution/reference-interpreter.ts';
import { denoiseProgram } from '../../core/nn/denoiser/denoise-program.ts';
import {
  denoiserFeatureGraph,
  denoiserFeatureProgram,
  noisyShareInput,
  predictionShareInput,
  type DenoiserFeatureOptions,
} from '../../core/nn/denoiser/denoiser-features.ts';
import { denoiserTrainingGraph, denoiserTrainingProgram } from '../../core/nn/denoiser/denoiser-training.ts';
import { classInput, timeInput } from '../../core/nn/denoiser/u-net.ts';
import type { Network } from '../../core/nn/network.ts';
import { elementCount, float32, numbersOf, type Tensor } from '../../core/tensor/tensor.ts';

const PROFILE = { profile: 'cpu' } as const;
const whole = { kind: 'none', size: 0, seed: 0 } as const;

/** The same feeds with one sample's rows alone. */
function sampleOf(feeds: Feeds, sample: number): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { shape, data }]) => {
      const single = [1, ...shape.slice(1)];
      const size = elementCount(single);
      const rows = (data as Float32Array).slice(sample * size, (sample + 1) * size);
      return [name, float32(single, rows)];
    }),
  );
}

function predict(network: Network, parameters: Float32Array, feeds: Feeds): Promise<Fetches> {
  const batchSize = feeds['images']!.shape[0]!;
  return runProgram(denoiseProgram(network, parameters, { ...PROFILE, batchSize }), feeds);
}

describe('a denoiser', () => {
  const network = makeDenoiser({ classCount: 3 });
  const parameters = drawParameters(network);
  const feeds = noisyFeeds(network, 3);
  const outputs = async (told: Feeds, of = network, values = parameters): Promise<Float64Array> =>
    numbersOf((await predict(of, values, told))['output']!);

  it('says of a sample the same whatever its batch', async () => {
    const { output, embedding } = await predict(network, parameters, feeds);
    for (const sample of [0, 2]) {
      const alone = await predict(network, parameters, sampleOf(feeds, sample));
      expectClose(
        numbersOf(alone['output']!),
        numbersOf(output!).slice(64 * sample, 64 * (sample + 1)),
        'output',
      );
      expectClose(
        numbersOf(alone['embedding']!),
        numbersOf(embedding!).slice(48 * sample, 48 * (sample + 1)),
        'embedding',
      );
    }
  });

  it('says the same where its parameters are fed', async () => {
    const program = denoiseProgram(network, null, { ...PROFILE, batchSize: 3 });
    const fed = { ...feeds, parameters: float32([network.parameterCount], parameters) };
    expectClose(numbersOf((await runProgram(program, fed))['output']!), await outputs(feeds));
  });

  it('hears the step and the class, and without a class is the network that knows none', async () => {
    const plain = await outputs(feeds);
    for (const name of [timeInput, classInput]) {
      const { shape, data } = feeds[name]!;
      const turned = Float32Array.from(numbersOf(feeds[name]!), (_, index) => Number(data.at(index - 1)));
      const other = await outputs({ ...feeds, [name]: float32(shape, turned) });
      expect(Math.max(...other.map((value, index) => Math.abs(value - plain[index]!)))).toBeGreaterThan(1e-3);
    }
    const untold = { ...feeds, [classInput]: float32([3, 3], new Float32Array(9)) };
    const without = makeDenoiser();
    const shared = network.parameters.filter(({ name }) => name !== 'class.weight');
    const values = shared.flatMap(({ offset, shape }) => [
      ...parameters.subarray(offset, offset + elementCount(shape)),
    ]);
    const { [classInput]: _, ...heard } = feeds;
    expectClose(await outputs(heard, without, Float32Array.from(values)), await outputs(untold));
  });
});

describe('a training step of a denoiser', () => {
  // Of one channel the last bias is one number, the sum of errors of either sign: little may be left of it.
  const network = makeDenoiser({ channels: 2, classCount: 3, dropout: 0.25 });
  const options = { batchSize: 2, weightDecay: 0.01, longestGradient: 0.5 };
  const feeds = denoiserTrainingFeeds(network, 2);

  it('equals the float64 reference, with dropout, decay, a cut gradient and an average', async () => {
    const { graph, outputs } = denoiserTrainingGraph(network, options);
    const names = ['parameters', 'average', 'optimizerState', 'losses'] as const;
    const reference = interpret(
      graph,
      names.map((name) => outputs[name]!),
      feeds,
    );
    const found = await runProgram(compile(graph, outputs, PROFILE), feeds);
    for (const [index, name] of names.entries()) {
      if (name === 'losses') expectClose(numbersOf(found[name]!), numbersOf(reference[index]!), name);
      else expectEachParameterClose(network, found[name]!, reference[index]!);
    }
  });

  it('is repeatable bit for bit, in the same session and in a new one', async () => {
    const program = denoiserTrainingProgram(network, { ...options, ...PROFILE });
    const session = await openProgram(program);
    const first = await session.run(feeds);
    for (const again of [await session.run(feeds), await runProgram(program, feeds)])
      for (const name of program.outputs.keys())
        expect(sameBits(again[name]!, first[name]!), name).toBe(true);
  });

  it('sees each sample’s masks', async () => {
    const program = denoiserTrainingProgram(network, { ...options, ...PROFILE });
    const masked = network.dropouts[0]!.inputName;
    const nothing = (feeds[masked]!.data as Float32Array).slice();
    nothing.fill(0, nothing.length / 2);
    const [before, after] = [
      await runProgram(program, feeds),
      await runProgram(program, { ...feeds, [masked]: float32(feeds[masked]!.shape, nothing) }),
    ].map(({ losses }) => numbersOf(losses!));
    expect(after![0]).toBe(before![0]);
    expect(after![1]).not.toBe(before![1]);
  });

  it('learns to tell the noise of a few images', async () => {
    const small = makeDenoiser();
    const batch = denoiserTrainingFeeds(small, 4);
    const session = await openProgram(
      denoiserTrainingProgram(small, { ...PROFILE, batchSize: 4, weightDecay: 0, longestGradient: 1 }),
    );
    const { parameterCount } = small;
    let parameters: Tensor = float32([parameterCount], small.initialParameters(1));
    let optimizerState: Tensor = float32([2 * parameterCount], new Float32Array(2 * parameterCount));
    const losses: number[] = [];
    for (let step = 1; step <= 40; step++) {
      const found = await session.run({
        ...batch,
        sampleWeights: float32([4], new Float32Array(4).fill(0.25)),
        learningRate: float32([1], Float32Array.of(0.003)),
        step: float32([1], Float32Array.of(step)),
        parameters,
        optimizerState,
      });
      parameters = found['parameters']!;
      optimizerState = found['optimizerState']!;
      losses.push(numbersOf(found['losses']!).reduce((sum, loss) => sum + loss / 4, 0));
    }
    // The first prediction is zero: the loss is the mean square of the noise.
    expect(losses[0]).toBeGreaterThan(0.8);
    expect(losses.at(-1)).toBeLessThan(0.3 * losses[0]!);
  });
});

describe('features of a denoiser', () => {
  type Options = Partial<DenoiserFeatureOptions>;
  const settings = (options: Options) =>
    ({ batchSize: 2, outputFunction: 'loss', projection: whole, prediction: 'epsilon', ...options }) as const;

  it('of the loss add up to the gradient of the batch, with the weights and masks of the samples', async () => {
    const network = makeDenoiser({ classCount: 3, dropout: 0.25 });
    const feeds = denoiserTrainingFeeds(network, 3);
    const { parameterCount } = network;
    const trained = await runProgram(
      denoiserTrainingProgram(network, { ...PROFILE, batchSize: 3, weightDecay: 0, longestGradient: 0 }),
      { ...feeds, optimizerState: float32([2 * parameterCount], new Float32Array(2 * parameterCount)) },
    );
    const program = denoiserFeatureProgram(network, drawParameters(network), {
      ...settings({ batchSize: 3, masked: true }),
      ...PROFILE,
    });
    const found = await runProgram(program, denoiserFeatureFeeds(network, 3));
    const features = numbersOf(found['features']!);
    // AdamW's first moment without a past: a tenth of the gradient.
    const moments = numbersOf(trained['optimizerState']!);
    for (const { name, offset, shape } of network.parameters) {
      // A softmax does not see what is added to all of its inputs: there is nothing but rounding.
      if (name === 'middle.attention.key.bias') continue;
      const [expected, sums] = [new Float64Array(elementCount(shape)), new Float64Array(elementCount(shape))];
      for (let index = 0; index < expected.length; index++) {
        expected[index] = 10 * moments[offset + index]!;
        for (let sample = 0; sample < 3; sample++)
          sums[index]! += features[sample * parameterCount + offset + index]!;
      }
      expectClose(sums, expected, name);
    }
    expectClose(numbersOf(found['losses']!), numbersOf(trained['losses']!), 'losses');
  });

  // The functions themselves are held against closed forms beside them.
  it.each(['loss', 'square'] as const)('of %s equal the float64 reference', async (outputFunction) => {
    const network = makeDenoiser({ imageSize: 4 });
    const options = settings({
      outputFunction,
      prediction: 'v',
      projection: { kind: 'fold', size: 64, seed: 2 },
    });
    const shares = (...values: readonly number[]) => float32([2, 1, 1, 1], Float32Array.from(values));
    const feeds = {
      ...denoiserFeatureFeeds(network, 2),
      [noisyShareInput]: shares(0.3, 0.9),
      [predictionShareInput]: shares(0.95, 0.4),
    };
    const { graph, outputs } = denoiserFeatureGraph(network, drawParameters(network), options);
    const [features, losses] = interpret(graph, [outputs['features']!, outputs['losses']!], feeds);
    const found = await runProgram(compile(graph, outputs, PROFILE), feeds);
    expectClose(numbersOf(found['features']!), numbersOf(features!), 'features');
    expectClose(numbersOf(found['losses']!), numbersOf(losses!), 'losses');
  });

  it('are a sample’s own, whatever its batch', async () => {
    const network = makeDenoiser({ classCount: 3 });
    const parameters = drawParameters(network);
    const feeds = denoiserFeatureFeeds(network, 3);
    const featuresOf = async (batchSize: number, told: Feeds): Promise<Float64Array> => {
      const options = settings({
        batchSize,
        outputFunction: 'square',
        projection: { kind: 'fold', size: 32, seed: 1 },
      });
      const program = denoiserFeatureProgram(network, parameters, { ...options, ...PROFILE });
      return numbersOf((await runProgram(program, told))['features']!);
    };
    const together = await featuresOf(3, feeds);
    expectClose(await featuresOf(1, sampleOf(feeds, 1)), together.slice(32, 64));
  });
});
