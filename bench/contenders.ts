/** @file The programs that speed benches run, by name: training steps, projected gradients and plain forward passes. */
import { nodesReaching, shapeOf, Graph } from '../src/core/graph/graph.ts';
import { compile } from '../src/core/compiler/compile.ts';
import { gradients } from '../src/core/compiler/differentiate.ts';
import type { Program } from '../src/core/execution/executor.ts';
import type { ArchitectureName } from '../src/core/nn/architectures.ts';
import { buildClassifier, type Classifier } from '../src/core/nn/classifier.ts';
import { featureProgram } from '../src/core/nn/feature-program.ts';
import { margin } from '../src/core/nn/losses.ts';
import { bakedParameters, imageShape } from '../src/core/nn/network.ts';
import { predictionProgram } from '../src/core/nn/prediction-program.ts';
import { trainingProgram } from '../src/core/nn/training-program.ts';
import { sum } from '../src/core/ops/build.ts';
import { float32 } from '../src/core/tensor/tensor.ts';
import { probeCpuProfile } from '../src/engine/runtime/probe-blocks.ts';
import { randomBatch, type Contender } from './speed.ts';

/** As the app compiles on this machine. */
export const profile = await probeCpuProfile();

export interface Setting {
  readonly architecture: ArchitectureName;
  readonly channels: number;
  readonly imageSize: number;
  readonly batchSize: number;
}

export const settings = {
  cnn64: { architecture: 'cnn', channels: 1, imageSize: 28, batchSize: 64 },
  cnn128: { architecture: 'cnn', channels: 1, imageSize: 28, batchSize: 128 },
  resnet32: { architecture: 'resnet9', channels: 3, imageSize: 32, batchSize: 32 },
  resnet64: { architecture: 'resnet9', channels: 3, imageSize: 32, batchSize: 64 },
} as const satisfies Record<string, Setting>;

function describe({ architecture, channels, imageSize }: Setting, work: string): string {
  return `${architecture} ${channels}×${imageSize}×${imageSize}, ${work}`;
}

export function classifierOf({ architecture, channels, imageSize }: Setting): Classifier {
  return buildClassifier({ architecture, channels, imageSize, classCount: 10, dropout: 0 });
}

/** What PyTorch's SGD is given too. */
export const sgd = { learningRate: 0.01, momentum: 0.9, weightDecay: 5e-4 } as const;

export function trainingContender(setting: Setting, seed: number): Contender {
  const { batchSize } = setting;
  const { learningRate, momentum, weightDecay } = sgd;
  const classifier = classifierOf(setting);
  const count = classifier.parameterCount;
  return {
    name: describe(setting, 'forward, backward and SGD'),
    batchSize,
    program: trainingProgram(classifier, {
      batchSize,
      profile,
      optimizer: 'sgd',
      momentum,
      weightDecay,
    }),
    feeds: {
      ...randomBatch(classifier, batchSize, seed),
      sampleWeights: float32([batchSize], new Float32Array(batchSize).fill(1)),
      parameters: float32([count], classifier.initialParameters(seed)),
      optimizerState: float32([count], new Float32Array(count)),
      learningRate: float32([1], Float32Array.of(learningRate)),
    },
  };
}

/** Weights baked in, as wherever a model is frozen. */
export type FrozenWork = 'forward' | 'backward' | 'factorised' | 'fold' | 'none';

export function frozenContender(
  setting: Setting,
  work: FrozenWork,
  { size, seed }: { readonly size: number; readonly seed: number },
): Contender {
  const { batchSize } = setting;
  const classifier = classifierOf(setting);
  const parameters = classifier.initialParameters(seed);
  return {
    name: describe(setting, work === 'forward' || work === 'backward' ? work : `${work} features`),
    batchSize,
    program: frozenProgram(),
    feeds: randomBatch(classifier, batchSize, seed),
  };

  function frozenProgram(): Program {
    if (work === 'forward') return predictionProgram(classifier, parameters, { batchSize, profile });
    if (work === 'backward') return backwardProgram(classifier, parameters, batchSize);
    const projection = { kind: work, size, seed };
    return featureProgram(classifier, parameters, {
      batchSize,
      profile,
      outputFunction: 'margin',
      projection,
    });
  }
}

/** The margin's cotangents of all convolutions and products, and nothing more: what per-sample gradients have to be added to. */
function backwardProgram(classifier: Classifier, parameters: Float32Array, batchSize: number): Program {
  const graph = new Graph();
  const images = graph.input('images', { dtype: 'float32', shape: imageShape(classifier, batchSize) });
  const targets = graph.input('targets', { dtype: 'float32', shape: [batchSize, classifier.outputCount] });
  const { output: logits } = classifier.forward(
    graph,
    images,
    bakedParameters(graph, classifier, parameters),
  );
  const total = sum(graph, margin(graph, logits, targets));
  const layers = nodesReaching(graph, [logits]).filter(({ op }) => op === 'Conv' || op === 'MatMul');
  const taps = layers.map((node) => node.outputs[0]!);
  const deltas = gradients(graph, total, taps);
  const outputs = deltas.map((delta, index) => {
    const axes = shapeOf(delta).flatMap((_, axis) => (axis === 0 ? [] : [axis]));
    return [`delta${index}`, sum(graph, delta, { axes })] as const;
  });
  return compile(graph, { logits, ...Object.fromEntries(outputs) }, { profile });
}
