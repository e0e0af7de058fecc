import { describe, expect, it } from 'vitest';
import {
  expectClose,
  expectEachParameterClose,
  makeClassifier,
  makeNarrowResidual,
  sameBits,
  trainingFeeds,
} from '../../../testing/networks.ts';
import { openProgram, runProgram } from '../../../testing/sessions.ts';
import { compile } from '../../core/compiler/compile.ts';
import { interpret } from '../../core/execution/reference-interpreter.ts';
import { architectureNames } from '../../core/nn/architectures.ts';
import { curvatureGraph, curvatureProgram } from '../../core/nn/curvature-program.ts';
import type { ParameterSpec } from '../../core/nn/network.ts';
import { predictionProgram } from '../../core/nn/prediction-program.ts';
import { trainingGraph, trainingProgram } from '../../core/nn/training-program.ts';
import { float32, numbersOf, type Tensor } from '../../core/tensor/tensor.ts';

const networks = {
  linear: makeClassifier('linear', 0.25),
  mlp: makeClassifier('mlp', 0.25),
  cnn: makeClassifier('cnn', 0.25),
  'residual network': makeNarrowResidual(),
} as const;
const steps = (Object.keys(networks) as (keyof typeof networks)[]).flatMap((network) =>
  (['sgd', 'adamw'] as const).map((optimizer) => ({ network, optimizer })),
);

describe('training step', () => {
  it.each(steps)(
    'of $network with $optimizer equals the float64 reference',
    async ({ network, optimizer }) => {
      const classifier = networks[network];
      const options = { batchSize: 3, optimizer, momentum: 0.9, weightDecay: 0.01 };
      const feeds = trainingFeeds(classifier, 3, optimizer);
      const { graph, outputs } = trainingGraph(classifier, options);
      const names = ['parameters', 'optimizerState', 'losses', 'logits'] as const;
      const reference = interpret(
        graph,
        names.map((name) => outputs[name]!),
        feeds,
      );
      const found = await runProgram(compile(graph, outputs, { profile: 'cpu' }), feeds);
      const [parameters, state, losses, logits] = reference as [Tensor, Tensor, Tensor, Tensor];
      expectEachParameterClose(classifier, found['parameters']!, parameters);
      expectEachParameterClose(classifier, found['optimizerState']!, state);
      expectClose(numbersOf(found['losses']!), numbersOf(losses), 'losses');
      expectClose(numbersOf(found['logits']!), numbersOf(logits), 'logits');
    },
  );

  it('does not see samples of weight zero', async () => {
    const classifier = makeClassifier('cnn');
    const program = trainingProgram(classifier, {
      batchSize: 3,
      profile: 'cpu',
      optimizer: 'sgd',
      momentum: 0.9,
      weightDecay: 0,
    });
    const feeds = trainingFeeds(classifier, 3, 'sgd');
    const images = feeds['images']!.data.slice() as Float32Array;
    images.fill(100, (images.length / 3) * 2);
    const session = await openProgram(program);
    const first = await session.run(feeds);
    const second = await session.run({ ...feeds, images: float32(feeds['images']!.shape, images) });
    expect(sameBits(second['parameters']!, first['parameters']!)).toBe(true);
    expect(second['losses']).not.toEqual(first['losses']);
  });

  it('is repeatable bit for bit, in the same session and in a new one', async () => {
    const classifier = makeClassifier('resnet9');
    const program = trainingProgram(classifier, {
      batchSize: 4,
      profile: 'cpu',
      optimizer: 'sgd',
      momentum: 0.9,
      weightDecay: 1e-4,
    });
    const feeds = trainingFeeds(classifier, 4, 'sgd');
    const session = await openProgram(program);
    const first = await session.run(feeds);
    for (const again of [await session.run(feeds), await runProgram(program, feeds)]) {
      for (const name of program.outputs.keys())
        expect(sameBits(again[name]!, first[name]!), name).toBe(true);
    }
  });

  it('learns 32 random samples by heart', async () => {
    const classifier = makeClassifier('cnn');
    const session = await openProgram(
      trainingProgram(classifier, {
        batchSize: 32,
        profile: 'cpu',
        optimizer: 'sgd',
        momentum: 0.9,
        weightDecay: 0,
      }),
    );
    const fixed = trainingFeeds(classifier, 32, 'sgd');
    let parameters: Tensor = float32([classifier.parameterCount], classifier.initialParameters(1));
    let state: Tensor = float32([classifier.parameterCount], new Float32Array(classifier.parameterCount));
    const means: number[] = [];
    for (let step = 0; step < 60; step++) {
      const found = await session.run({
        ...fixed,
        sampleWeights: float32([32], new Float32Array(32).fill(1)),
        learningRate: float32([1], Float32Array.of(0.03)),
        parameters,
        optimizerState: state,
      });
      parameters = found['parameters']!;
      state = found['optimizerState']!;
      means.push(numbersOf(found['losses']!).reduce((sum, loss) => sum + loss / 32, 0));
    }
    expect(means[0]).toBeGreaterThan(0.7);
    expect(means.at(-1)).toBeLessThan(0.05);
  });

  it('compiles to the same bytes every time', () => {
    const options = {
      batchSize: 2,
      profile: 'cpu',
      optimizer: 'adamw',
      momentum: 0.9,
      weightDecay: 0.01,
    } as const;
    const bytes = () => Buffer.from(trainingProgram(makeClassifier('resnet9'), options).onnx);
    expect(bytes().equals(bytes())).toBe(true);
  });
});

describe('prediction', () => {
  it.each(architectureNames)(
    'of %s gives the logits of training, their softmax and the embedding',
    async (architecture) => {
      const classifier = makeClassifier(architecture);
      const feeds = trainingFeeds(classifier, 3, 'sgd');
      const trained = await runProgram(
        trainingProgram(classifier, {
          batchSize: 3,
          profile: 'cpu',
          optimizer: 'sgd',
          momentum: 0,
          weightDecay: 0,
        }),
        feeds,
      );
      const found = await runProgram(
        predictionProgram(classifier, feeds['parameters']!.data as Float32Array, {
          batchSize: 3,
          profile: 'cpu',
        }),
        feeds,
      );
      expectClose(numbersOf(found['logits']!), numbersOf(trained['logits']!));
      const probabilities = numbersOf(found['probabilities']!);
      const logits = numbersOf(found['logits']!);
      const total = [0, 1, 2].reduce((sum, column) => sum + Math.exp(logits[column]!), 0);
      expect(probabilities[0]).toBeCloseTo(Math.exp(logits[0]!) / total, 5);
      // The last layer on the embedding gives the logits.
      const parameters = numbersOf(feeds['parameters']!);
      const [weight, bias] = classifier.parameters.slice(-2) as [ParameterSpec, ParameterSpec];
      const width = found['embedding']!.shape[1]!;
      const embedding = numbersOf(found['embedding']!).slice(0, width);
      const product = embedding.reduce(
        (sum, value, index) => sum + value * parameters[weight.offset + index]!,
        0,
      );
      expect(product + parameters[bias.offset]!).toBeCloseTo(logits[0]!, 3);
    },
  );
});

describe('curvature', () => {
  it.each(['hessian', 'gaussNewton'] as const)(
    '(%s) times vectors equals the float64 reference, whether the parameters are fed or frozen',
    async (curvature) => {
      const classifier = makeNarrowResidual();
      const feeds = trainingFeeds(classifier, 3, 'sgd');
      const state = numbersOf(feeds['optimizerState']!);
      const both = Float32Array.from([...state, ...state.toReversed()]);
      feeds['vectors'] = float32([2, classifier.parameterCount], both);
      const options = { batchSize: 3, vectorCount: 2, curvature, profile: 'cpu' } as const;
      const { graph, outputs } = curvatureGraph(classifier, options);
      const [expected] = interpret(graph, [outputs['products']!], feeds);
      const frozen = feeds['parameters']!.data as Float32Array;
      for (const program of [
        curvatureProgram(classifier, options),
        curvatureProgram(classifier, { ...options, frozen }),
      ]) {
        const found = await runProgram(program, feeds);
        expectEachParameterClose(classifier, found['products']!, expected!);
      }
    },
  );
});
