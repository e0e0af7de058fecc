/** @file Speed of projected per-sample gradients against the plain forward pass, weights baked in all. */
import type { ArchitectureName } from '../src/core/nn/architectures.ts';
import { buildClassifier } from '../src/core/nn/classifier.ts';
import { featureProgram } from '../src/core/nn/feature-program.ts';
import { predictionProgram } from '../src/core/nn/prediction-program.ts';
import type { Bench } from './bench.ts';
import { measureSpeeds, randomBatch, speedTable, type Contender } from './speed.ts';

const settings = [
  { figure: 'cnn', architecture: 'cnn', channels: 1, imageSize: 28, batchSize: 64 },
  { figure: 'resnet9', architecture: 'resnet9', channels: 3, imageSize: 32, batchSize: 32 },
] as const;
const kinds = ['forward', 'factorised', 'fold'] as const;
const FEATURES = 1024;

export const run: Bench = async ({ quick, seed }) => {
  const pairs = settings.flatMap((setting) => kinds.map((kind) => ({ setting, kind })));
  const contenders = pairs.map(({ setting, kind }) => featureContender(setting, kind, seed));
  const speeds = await measureSpeeds(contenders, quick ? 7 : 41);
  const perSecond = Object.fromEntries(
    pairs.map(({ setting, kind }, index) => [
      `${setting.figure}.${kind}PerSecond`,
      speeds.speeds[index]!.samplesPerSecond,
    ]),
  );
  const ratios = Object.fromEntries(
    settings.map(({ figure }) => [
      `${figure}.factorisedOverFold`,
      perSecond[`${figure}.factorisedPerSecond`]! / perSecond[`${figure}.foldPerSecond`]!,
    ]),
  );
  return {
    figures: { ...perSecond, ...ratios, foreignLoad: speeds.foreignLoad },
    // Ratios within one run hold on a busy machine too.
    goals: Object.fromEntries(Object.keys(ratios).map((name) => [name, 1.5])),
    table: speedTable(speeds),
  };
};

interface Setting {
  readonly architecture: ArchitectureName;
  readonly channels: number;
  readonly imageSize: number;
  readonly batchSize: number;
}

function featureContender(setting: Setting, kind: (typeof kinds)[number], seed: number): Contender {
  const { architecture, channels, imageSize, batchSize } = setting;
  const classifier = buildClassifier({ architecture, channels, imageSize, classCount: 10, dropout: 0 });
  const parameters = classifier.initialParameters(seed);
  const program =
    kind === 'forward'
      ? predictionProgram(classifier, parameters, { batchSize, profile: 'cpu' })
      : featureProgram(classifier, parameters, {
          batchSize,
          profile: 'cpu',
          outputFunction: 'margin',
          projection: { kind, size: FEATURES, seed },
        });
  const name = `${architecture} ${channels}×${imageSize}×${imageSize}, ${kind === 'forward' ? 'forward' : `${kind} features`}`;
  return { name, batchSize, program, feeds: randomBatch(classifier, batchSize, seed) };
}
