/** @file What a member of an ensemble knows of a study's images: features, inner products of gradients, weights. */
import { makeMatrix, type Matrix, type Matrix32 } from '../../src/core/linalg/matrix.ts';
import type { MatrixEngine } from '../../src/core/linalg/matrix-engine.ts';
import type { Projection } from '../../src/core/nn/projection.ts';
import { FeatureComputer } from '../../src/engine/attributing/compute-features.ts';
import { predictRows } from '../../src/engine/training/predict.ts';
import { denselyProjected, gradientFactors, gradientLengths, gradientProducts } from './gradient-factors.ts';
import type { TrainedModels } from './trained-models.ts';

export interface MemberFeatures {
  /** [n, k] */
  readonly train: Matrix;
  /** [q, k] */
  readonly queries: Matrix;
  /** To compute the features of both. */
  readonly seconds: number;
}

type OutputFunction = 'loss' | 'margin' | 'embedding';

export async function featuresOf(
  models: TrainedModels,
  parameters: Float32Array,
  outputFunction: OutputFunction,
  projection: Projection,
  engine: MatrixEngine,
): Promise<MemberFeatures> {
  const { kind } = projection;
  const isDense = (kind === 'gaussian' || kind === 'rademacher') && outputFunction !== 'embedding';
  const { trainRows, queryRows } = models.images;
  const start = performance.now();
  if (isDense) {
    const rows = Int32Array.from([...trainRows, ...queryRows]);
    const factors = await gradientFactors(models, parameters, rows, outputFunction);
    const all = await denselyProjected(factors, { ...projection, kind }, engine);
    return split(all, trainRows.length, start);
  }
  const { classifier } = models.recipe;
  const model = { ...models.images, classifier, parameters };
  const computer = new FeatureComputer(models.executor, model, { outputFunction, projection });
  const targets = Array.from(models.images.labels, (classIndex, row) => ({ row, classIndex }));
  const { features } = await computer.compute(targets);
  await computer.dispose();
  const all = makeMatrix(targets.length, features.length / targets.length, features);
  return split(all, trainRows.length, start);
}

function split({ data, columns, rows }: Matrix32, trainCount: number, start: number): MemberFeatures {
  return {
    train: makeMatrix(trainCount, columns, data.subarray(0, trainCount * columns)),
    queries: makeMatrix(rows - trainCount, columns, data.subarray(trainCount * columns)),
    seconds: (performance.now() - start) / 1000,
  };
}

export interface MemberProducts {
  /** [n, n] */
  readonly train: Matrix32;
  /** [q, n] */
  readonly queries: Matrix32;
  /** ‖ψ‖ of each query. */
  readonly queryLengths: Float64Array;
  readonly seconds: number;
}

/** Inner products of whole gradients: what projections approximate. */
export async function productsOf(
  models: TrainedModels,
  parameters: Float32Array,
  outputFunction: 'loss' | 'margin',
  engine: MatrixEngine,
): Promise<MemberProducts> {
  const start = performance.now();
  const { trainRows, queryRows } = models.images;
  const train = await gradientFactors(models, parameters, trainRows, outputFunction);
  const queries = await gradientFactors(models, parameters, queryRows, outputFunction);
  return {
    train: await gradientProducts(train, train, engine),
    queries: await gradientProducts(queries, train, engine),
    queryLengths: gradientLengths(queries),
    seconds: (performance.now() - start) / 1000,
  };
}

/** Q = 1 − p of the images to learn from. */
export async function residualsOf(models: TrainedModels, parameters: Float32Array): Promise<Float32Array> {
  const { images, recipe, executor } = models;
  const { classifier } = recipe;
  const rows = images.trainRows;
  const { probabilities } = await predictRows(executor, { ...images, classifier, parameters, rows });
  return Float32Array.from(rows, (row, place) => {
    const from = place * classifier.outputCount;
    const own = images.labels[row];
    const others = probabilities.subarray(from, from + classifier.outputCount);
    return others.reduce((sum, p, index) => (index === own ? sum : sum + p), 0);
  });
}
