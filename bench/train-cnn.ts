/** @file Speed of training steps: CNN on images shaped like Fashion-MNIST, ResNet-9 on 32 × 32 colour images. */
import type { ArchitectureName } from '../src/core/nn/architectures.ts';
import { buildClassifier } from '../src/core/nn/classifier.ts';
import { trainingProgram } from '../src/core/nn/training-program.ts';
import { float32 } from '../src/core/tensor/tensor.ts';
import type { Bench } from './bench.ts';
import { measureSpeeds, randomBatch, speedTable, type Contender } from './speed.ts';

const settings = [
  { figure: 'cnn64PerSecond', architecture: 'cnn', channels: 1, imageSize: 28, batchSize: 64 },
  { figure: 'cnn128PerSecond', architecture: 'cnn', channels: 1, imageSize: 28, batchSize: 128 },
  { figure: 'resnet9x64PerSecond', architecture: 'resnet9', channels: 3, imageSize: 32, batchSize: 64 },
] as const;

export const run: Bench = async ({ quick, seed }) => {
  const contenders = settings.map((setting) => trainingContender(setting, seed));
  const speeds = await measureSpeeds(contenders, quick ? 7 : 41);
  const figures = Object.fromEntries(
    settings.map(({ figure }, index) => [figure, speeds.speeds[index]!.samplesPerSecond]),
  );
  return { figures: { ...figures, foreignLoad: speeds.foreignLoad }, goals: {}, table: speedTable(speeds) };
};

interface Setting {
  readonly architecture: ArchitectureName;
  readonly channels: number;
  readonly imageSize: number;
  readonly batchSize: number;
}

function trainingContender(
  { architecture, channels, imageSize, batchSize }: Setting,
  seed: number,
): Contender {
  const classifier = buildClassifier({ architecture, channels, imageSize, classCount: 10, dropout: 0 });
  const count = classifier.parameterCount;
  return {
    name: `${architecture} ${channels}×${imageSize}×${imageSize}, forward, backward and SGD`,
    batchSize,
    program: trainingProgram(classifier, {
      batchSize,
      profile: 'cpu',
      optimizer: 'sgd',
      momentum: 0.9,
      weightDecay: 5e-4,
    }),
    feeds: {
      ...randomBatch(classifier, batchSize, seed),
      sampleWeights: float32([batchSize], new Float32Array(batchSize).fill(1)),
      parameters: float32([count], classifier.initialParameters(seed)),
      optimizerState: float32([count], new Float32Array(count)),
      learningRate: float32([1], Float32Array.of(0.01)),
    },
  };
}
