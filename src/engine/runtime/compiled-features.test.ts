import { describe, expect, it } from 'vitest';
import {
  drawBatch,
  drawParameters,
  expectClose,
  makeClassifier,
  trainingFeeds,
} from '../../../testing/networks.ts';
import { runProgram } from '../../../testing/sessions.ts';
import type { Fetches, Program } from '../../core/execution/executor.ts';
import { Graph } from '../../core/graph/graph.ts';
import { architectureNames } from '../../core/nn/architectures.ts';
import type { Classifier } from '../../core/nn/classifier.ts';
import { featureProgram, type FeatureOptions } from '../../core/nn/feature-program.ts';
import { bakedParameters } from '../../core/nn/network.ts';
import {
  factorMatrix,
  foldPlan,
  planFactors,
  type FactorSizes,
  type FactorTap,
} from '../../core/nn/projection.ts';
import { trainingProgram } from '../../core/nn/training-program.ts';
import { elementCount, float32, numbersOf, type Tensor } from '../../core/tensor/tensor.ts';

interface Features {
  readonly program: Program;
  readonly rows: readonly Float64Array[];
  readonly found: Fetches;
}

async function features(
  classifier: Classifier,
  options: Omit<FeatureOptions, 'outputFunction' | 'profile'> & Partial<FeatureOptions>,
  batch: { images: Tensor; targets: Tensor } = drawBatch(classifier, options.batchSize),
): Promise<Features> {
  const program = featureProgram(classifier, drawParameters(classifier), {
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

/** One row of the parameter vector's layout in the order of the features: convolution weights channels last. */
function inFeatureOrder(classifier: Classifier, vector: ArrayLike<number>): Float64Array {
  const ordered: number[] = [];
  for (const { shape, offset } of classifier.parameters) {
    if (shape.length !== 4) {
      for (let index = 0; index < elementCount(shape); index++) ordered.push(vector[offset + index]!);
      continue;
    }
    const [outputs, inputs, height, width] = shape as [number, number, number, number];
    for (let output = 0; output < outputs; output++) {
      for (let tap = 0; tap < height * width; tap++) {
        for (let channel = 0; channel < inputs; channel++) {
          ordered.push(vector[offset + (output * inputs + channel) * height * width + tap]!);
        }
      }
    }
  }
  return Float64Array.from(ordered);
}

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
    const expected = inFeatureOrder(classifier, numbersOf(trained['optimizerState']!));
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

function factorTaps(classifier: Classifier): FactorTap[] {
  const graph = new Graph();
  const { images } = drawBatch(classifier, 2);
  const value = graph.input('images', { dtype: 'float32', shape: images.shape });
  const parameters = bakedParameters(graph, classifier, drawParameters(classifier));
  return classifier.forward(graph, value, parameters).taps.filter((tap) => tap.kind !== 'affine');
}

/** Rows of [weight | bias] of one layer, weights in their stored order, from a gradient in feature order. */
function layerGradient(classifier: Classifier, name: string, gradient: Float64Array): number[][] {
  const weight = classifier.parameters.find((parameter) => parameter.name === `${name}.weight`)!;
  const bias = classifier.parameters.find((parameter) => parameter.name === `${name}.bias`);
  const [outputs, inputs, ...kernel] = weight.shape as [number, number, ...number[]];
  const taps = elementCount(kernel);
  return Array.from({ length: outputs }, (_, output) => {
    const row = Array.from({ length: inputs * taps }, (_unused, index) => {
      const [channel, tap] = [Math.floor(index / taps), index % taps];
      return gradient[weight.offset + (output * taps + tap) * inputs + channel]!;
    });
    return bias === undefined ? row : [...row, gradient[bias.offset + output]!];
  });
}

function projectExplicitly(rows: number[][], name: string, sizes: FactorSizes, seed: number): number[] {
  const { inputs, outputs, projectedInputs, projectedOutputs } = sizes;
  const left = factorMatrix(seed, `factor-output/${name}`, projectedOutputs, outputs);
  const right = factorMatrix(seed, `factor-input/${name}`, projectedInputs, inputs);
  const projected: number[] = [];
  for (let a = 0; a < projectedOutputs; a++) {
    const mixed = Array.from({ length: inputs }, (_, column) =>
      rows.reduce((sum, row, output) => sum + left[a * outputs + output]! * row[column]!, 0),
    );
    for (let b = 0; b < projectedInputs; b++) {
      projected.push(mixed.reduce((sum, value, column) => sum + value * right[b * inputs + column]!, 0));
    }
  }
  return projected;
}

describe('projections', () => {
  const kinds = [
    { kind: 'fold', size: 64, seed: 3 },
    { kind: 'factorised', size: 256, seed: 3 },
  ] as const;

  it.each(kinds)('($kind) give a sample the same features whatever its batch', async (projection) => {
    const classifier = makeClassifier('resnet9');
    const batch = drawBatch(classifier, 4);
    const { rows } = await features(classifier, { batchSize: 4, projection }, batch);
    const pixels = batch.images.data.length / 4;
    const alone = {
      images: float32([1, 2, 8, 8], (batch.images.data as Float32Array).slice(2 * pixels, 3 * pixels)),
      targets: float32([1, 3], (batch.targets.data as Float32Array).slice(6, 9)),
    };
    const single = await features(classifier, { batchSize: 1, projection }, alone);
    expectClose(single.rows[0]!, rows[2]!);
  });

  it.each(kinds)('($kind) differ between seeds and repeat for one', (projection) => {
    const classifier = makeClassifier('mlp');
    const bytes = (seed: number) =>
      Buffer.from(
        featureProgram(classifier, drawParameters(classifier), {
          batchSize: 1,
          profile: 'cpu',
          outputFunction: 'loss',
          projection: { ...projection, seed },
        }).onnx,
      );
    expect(bytes(1).equals(bytes(1))).toBe(true);
    expect(bytes(1).equals(bytes(2))).toBe(false);
  });

  it.each(architectureNames)(
    'by folding equal the explicit sketch of the whole gradients of %s',
    async (architecture) => {
      const classifier = makeClassifier(architecture);
      const projection = { kind: 'fold', size: 48, seed: 7 } as const;
      const { rows: gradients } = await features(classifier, { batchSize: 2, projection: whole });
      const { rows, program } = await features(classifier, { batchSize: 2, projection });
      expect(program.outputs.get('features')!.shape).toEqual([2, 48]);
      gradients.forEach((gradient, row) => {
        const sketch = new Float64Array(projection.size);
        for (const { name, offset, shape } of classifier.parameters) {
          const count = elementCount(shape);
          const plan = foldPlan(name, count, projection);
          for (let index = 0; index < count; index++) {
            sketch[(index + plan.offset) % projection.size]! +=
              plan.signs[index]! * gradient[offset + index]!;
          }
        }
        expectClose(rows[row]!, sketch);
      });
    },
  );

  it.each(['mlp', 'cnn', 'resnet9'] as const)(
    'of %s by factors equal P_δ·G·P_aᵀ of each layer',
    async (architecture) => {
      const classifier = makeClassifier(architecture);
      const projection = { kind: 'factorised', size: 300, seed: 11 } as const;
      const { rows: gradients } = await features(classifier, { batchSize: 2, projection: whole });
      const { rows } = await features(classifier, { batchSize: 2, projection });
      const taps = factorTaps(classifier);
      const plan = planFactors(taps, projection.size);
      const used = plan.reduce((sum, sizes) => sum + sizes.projectedInputs * sizes.projectedOutputs, 0);
      expect(rows[0]!.length).toBe(used);
      expect(used).toBeGreaterThan(0.9 * projection.size);
      expect(used).toBeLessThanOrEqual(projection.size);
      gradients.forEach((gradient, row) => {
        const expected = taps.flatMap((tap, index) => {
          const sizes = plan[index]!;
          return projectExplicitly(
            layerGradient(classifier, tap.name, gradient),
            tap.name,
            sizes,
            projection.seed,
          );
        });
        expectClose(rows[row]!, expected);
      });
    },
  );

  it('by factors shorten nothing, and so lose nothing, where there is room', async () => {
    const classifier = makeClassifier('linear');
    const { rows: gradients } = await features(classifier, { batchSize: 2, projection: whole });
    const { rows } = await features(classifier, {
      batchSize: 2,
      projection: { kind: 'factorised', size: 1000, seed: 1 },
    });
    const product = ([a, b]: readonly Float64Array[]) =>
      a!.reduce((sum, value, index) => sum + value * b![index]!, 0);
    expectClose([product(rows)], [product(gradients)]);
  });

  it('by folding keep inner products without bias', async () => {
    const classifier = makeClassifier('linear');
    const { rows: exact } = await features(classifier, { batchSize: 2, projection: whole });
    const target = exact[0]!.reduce((sum, value, index) => sum + value * exact[1]![index]!, 0);
    const estimates: number[] = [];
    for (let seed = 0; seed < 60; seed++) {
      const { rows } = await features(classifier, {
        batchSize: 2,
        projection: { kind: 'fold', size: 64, seed },
      });
      estimates.push(rows[0]!.reduce((sum, value, index) => sum + value * rows[1]![index]!, 0));
    }
    const mean = estimates.reduce((sum, value) => sum + value / estimates.length, 0);
    const variance = estimates.reduce((sum, value) => sum + (value - mean) ** 2 / (estimates.length - 1), 0);
    expect(Math.abs(mean - target)).toBeLessThan(4 * Math.sqrt(variance / estimates.length));
  });
});
