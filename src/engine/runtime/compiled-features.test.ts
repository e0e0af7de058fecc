import { describe, expect, it } from 'vitest';
import { makeAttentionNetwork } from '../../../testing/attention-network.ts';
import { explicitFeatures } from '../../../testing/explicit-projection.ts';
import {
  drawBatch,
  drawParameters,
  expectClose,
  makeClassifier,
  trainingFeeds,
} from '../../../testing/networks.ts';
import { runProgram } from '../../../testing/sessions.ts';
import type { Fetches, Program } from '../../core/execution/executor.ts';
import { architectureNames } from '../../core/nn/architectures.ts';
import { subNetwork } from '../../core/nn/dropout.ts';
import { featureProgram, type FeatureOptions } from '../../core/nn/feature-program.ts';
import { withDropout } from '../../core/nn/insert-dropout.ts';
import { withAdapters } from '../../core/nn/low-rank.ts';
import type { Network } from '../../core/nn/network.ts';
import { predictionProgram } from '../../core/nn/prediction-program.ts';
import { projectionKinds, type Projection } from '../../core/nn/projection.ts';
import { trainingProgram } from '../../core/nn/training-program.ts';
import { float32, numbersOf, type Tensor } from '../../core/tensor/tensor.ts';

interface Features {
  readonly program: Program;
  readonly rows: readonly Float64Array[];
  readonly found: Fetches;
}

async function features(
  network: Network,
  options: Omit<FeatureOptions, 'outputFunction' | 'profile'> & Partial<FeatureOptions>,
  batch: { images: Tensor; targets: Tensor } = drawBatch(network, options.batchSize),
): Promise<Features> {
  const program = featureProgram(network, drawParameters(network), {
    outputFunction: 'loss',
    profile: 'cpu',
    ...options,
  });
  const found = await runProgram(program, batch);
  const flat = numbersOf(found['features']!);
  const width = flat.length / options.batchSize;
  const rows = Array.from({ length: options.batchSize }, (_, row) =>
    flat.slice(row * width, (row + 1) * width),
  );
  return { program, rows, found };
}

const whole = { kind: 'none', size: 0, seed: 0 } as const;

describe('per-sample gradients', () => {
  it.each(architectureNames)('of %s add up to the gradient of the batch', async (architecture) => {
    const classifier = makeClassifier(architecture);
    const feeds = trainingFeeds(classifier, 4, 'sgd');
    feeds['sampleWeights'] = float32([4], new Float32Array(4).fill(1));
    feeds['optimizerState'] = float32(
      [classifier.parameterCount],
      new Float32Array(classifier.parameterCount),
    );
    // Without momentum and decay the optimiser's state is the gradient of the mean loss.
    const trained = await runProgram(
      trainingProgram(classifier, {
        batchSize: 4,
        profile: 'cpu',
        optimizer: 'sgd',
        momentum: 0,
        weightDecay: 0,
      }),
      feeds,
    );
    const expected = numbersOf(trained['optimizerState']!);
    const { rows, found } = await features(classifier, { batchSize: 4, projection: whole });
    const sums = expected.map((_, index) => rows.reduce((sum, row) => sum + row[index]! / 4, 0));
    expectClose(sums, expected);
    expectClose(numbersOf(found['losses']!), numbersOf(trained['losses']!));
  });

  it.each(['cnn', 'resnet9'] as const)(
    'of %s have the squared norms that are given',
    async (architecture) => {
      const classifier = makeClassifier(architecture);
      const { rows, found } = await features(classifier, { batchSize: 3, projection: whole });
      const norms = rows.map((row) => row.reduce((sum, value) => sum + value * value, 0));
      expectClose(numbersOf(found['squaredNorms']!), norms);
    },
  );
});

const plain = makeClassifier('cnn');
const networks: Record<string, Network> = {
  ...Object.fromEntries(architectureNames.map((name) => [name, makeClassifier(name)])),
  'attention network': makeAttentionNetwork(),
  'cnn with adapters': withAdapters(plain, 2, () => drawParameters(plain)),
  'sub-network of a cnn': subNetwork(withDropout(plain, 0.3), 4),
};
const sizes: Partial<Record<Projection['kind'], number>> = { factorised: 300, 'factorised-mask-sjlt': 300 };
const kinds = projectionKinds.map((kind): Projection => ({ kind, size: sizes[kind] ?? 48, seed: 7 }));
const isDense = ({ kind }: Projection) => kind === 'gaussian' || kind === 'rademacher';

describe('embeddings as features', () => {
  it('are what the last layer sees, with the losses of the same pass', async () => {
    const classifier = makeClassifier('cnn');
    const batch = drawBatch(classifier, 3);
    const { found } = await features(
      classifier,
      { batchSize: 3, projection: whole, outputFunction: 'embedding' },
      batch,
    );
    const prediction = predictionProgram(classifier, drawParameters(classifier), {
      batchSize: 3,
      profile: 'cpu',
    });
    const predicted = await runProgram(prediction, { images: batch.images });
    expectClose(numbersOf(found['features']!), numbersOf(predicted['embedding']!));
    const gradients = await features(classifier, { batchSize: 3, projection: whole }, batch);
    expectClose(numbersOf(found['losses']!), numbersOf(gradients.found['losses']!));
  });
});

describe('projections', () => {
  const small = makeAttentionNetwork();

  it.each(kinds)('($kind) give a sample the same features whatever its batch', async (projection) => {
    const batch = drawBatch(small, 4);
    const { rows } = await features(small, { batchSize: 4, projection }, batch);
    const pixels = batch.images.data.length / 4;
    const cut = (from: number, to: number) => ({
      images: float32(
        [to - from, ...small.inputShape],
        (batch.images.data as Float32Array).slice(from * pixels, to * pixels),
      ),
      targets: float32([to - from, 3], (batch.targets.data as Float32Array).slice(3 * from, 3 * to)),
    });
    const single = await features(small, { batchSize: 1, projection }, cut(2, 3));
    expectClose(single.rows[0]!, rows[2]!);
    const pair = await features(small, { batchSize: 2, projection }, cut(2, 4));
    expectClose(pair.rows[1]!, rows[3]!);
  });

  it.each(kinds.filter(({ kind }) => kind !== 'none'))(
    '($kind) differ between seeds and repeat for one',
    (projection) => {
      const bytes = (seed: number) =>
        Buffer.from(
          featureProgram(small, drawParameters(small), {
            batchSize: 1,
            profile: 'cpu',
            outputFunction: 'loss',
            projection: { ...projection, seed },
          }).onnx,
        );
      expect(bytes(1).equals(bytes(1))).toBe(true);
      expect(bytes(1).equals(bytes(2))).toBe(false);
    },
  );

  const pairs = Object.keys(networks).flatMap((name) =>
    kinds
      // The wide network's whole gradients take long; its layers are those of the others.
      .filter(({ kind }) => name !== 'resnet9' || kind === 'fold' || kind === 'factorised')
      .filter((projection) => !isDense(projection) || networks[name]!.parameterCount < 3e4)
      .map((projection) => ({ name, projection, kind: projection.kind })),
  );
  it.each(pairs)(
    'of $name ($kind) equal the explicit projection of the whole gradients',
    async ({ name, projection }) => {
      const network = networks[name]!;
      const { rows: gradients } = await features(network, { batchSize: 2, projection: whole });
      const { rows } = await features(network, { batchSize: 2, projection });
      gradients.forEach((gradient, row) => {
        const expected = explicitFeatures(network.parameters, gradient, projection);
        expectClose(rows[row]!, expected);
        if (projection.kind !== 'none') expect(expected.length).toBeLessThanOrEqual(projection.size);
      });
    },
  );

  it.each(['factorised', 'factorised-mask-sjlt'] as const)(
    '(%s) use most of what they are given, and lose nothing where there is room',
    async (kind) => {
      const { rows } = await features(networks['cnn']!, {
        batchSize: 1,
        projection: { kind, size: 300, seed: 1 },
      });
      expect(rows[0]!.length).toBeGreaterThan(0.9 * 300);
      const { rows: gradients } = await features(small, { batchSize: 2, projection: whole });
      const roomy = await features(small, { batchSize: 2, projection: { kind, size: 4000, seed: 1 } });
      expectClose([inner(roomy.rows)], [inner(gradients)]);
    },
  );

  it('refuse a dense matrix that no file would hold', () => {
    const draw = () =>
      featureProgram(networks['cnn']!, drawParameters(networks['cnn']!), {
        batchSize: 1,
        profile: 'cpu',
        outputFunction: 'loss',
        projection: { kind: 'gaussian', size: 1e5, seed: 1 },
      });
    expect(draw).toThrow(expect.objectContaining({ code: 'projection-too-large' }));
  });
});

function inner([a, b]: readonly Float64Array[]): number {
  return a!.reduce((sum, value, index) => sum + value * b![index]!, 0);
}
