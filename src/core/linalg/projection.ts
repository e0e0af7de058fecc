/**
 * @file Random projections P: R^p → R^k that keep inner products (METHODS §1.2). Entries are indexed by position, not
 * by call order: projecting a chunk of the parameters, or one sample of a batch, meets the same entries.
 */
import { assert } from '../base/assert.ts';
import { Random } from '../base/random.ts';
import { makeMatrix, zeros64, type Matrix, type Matrix64 } from './matrix.ts';
import { plainMatrixEngine, type MatrixEngine } from './matrix-engine.ts';

export interface ProjectionSpec {
  /** Dense normal or ±1 entries over √k; or one signed bucket per parameter (SJLT with c = 1, a count sketch). */
  readonly kind: 'gaussian' | 'rademacher' | 'sjlt';
  /** p, the length of a gradient. */
  readonly inputSize: number;
  /** k, the length of a feature. */
  readonly outputSize: number;
  readonly seed: number;
  /** Names the random object: one per checkpoint and layer. */
  readonly name: string;
}

export interface Projection {
  readonly spec: ProjectionSpec;
  /**
   * features += P[:, first … first + chunk.columns) · chunkᵀ, for chunk [B, any] and features [B, k]. Chunks in rising
   * order give the same bits as one call with all parameters.
   */
  accumulate(features: Matrix64, chunk: Matrix, firstParameter: number): void;
}

/** Entries of P are drawn in squares of this side, each with a stream of its own. */
const tile = 256;

export function makeProjection(spec: ProjectionSpec): Projection {
  return { spec, accumulate: spec.kind === 'sjlt' ? sketchInto(spec) : projectDenselyInto(spec) };
}

/** P · vector for every row of `vectors` [B, p]: [B, k]. */
export function project(projection: Projection, vectors: Matrix): Matrix64 {
  assert(vectors.columns === projection.spec.inputSize, 'the projection wants vectors of its input size');
  const features = zeros64(vectors.rows, projection.spec.outputSize);
  projection.accumulate(features, vectors, 0);
  return features;
}

/** P as a matrix [k, p]; for small models, and for factors, such as one layer's inputs or outputs. */
export function projectionMatrix(spec: ProjectionSpec): Matrix64 {
  const { inputSize, outputSize } = spec;
  const matrix = zeros64(outputSize, inputSize);
  if (spec.kind === 'sjlt') {
    const { buckets, signs } = drawBuckets(spec);
    buckets.forEach((bucket, column) => (matrix.data[bucket * inputSize + column] = signs[column]!));
    return matrix;
  }
  for (let columnTile = 0; columnTile * tile < inputSize; columnTile++) {
    const first = columnTile * tile;
    const columns = Math.min(tile, inputSize - first);
    for (let row = 0; row < outputSize; row += tile) {
      const rows = Math.min(tile, outputSize - row);
      const entries = drawTile(spec, row / tile, columnTile, rows);
      for (let below = 0; below < rows; below++) {
        const drawn = entries.subarray(below * tile, below * tile + columns);
        matrix.data.set(drawn, (row + below) * inputSize + first);
      }
    }
  }
  return matrix;
}

/** The bucket and sign of every parameter in a count sketch. */
export interface Buckets {
  readonly buckets: Int32Array;
  readonly signs: Float32Array;
}

export function drawBuckets(spec: ProjectionSpec): Buckets {
  const buckets = new Int32Array(spec.inputSize);
  const signs = new Float32Array(spec.inputSize);
  for (let columnTile = 0; columnTile * tile < spec.inputSize; columnTile++) {
    drawBucketTile(spec, columnTile, (offset, bucket, sign) => {
      const column = columnTile * tile + offset;
      if (column >= spec.inputSize) return;
      buckets[column] = bucket;
      signs[column] = sign;
    });
  }
  return { buckets, signs };
}

/** (left ⊗ right) · vec(G) = vec(left · G · rightᵀ), vec row by row; the product of the big factors is never formed. */
export async function projectFactorised(
  left: Matrix,
  right: Matrix,
  gradient: Matrix,
  engine: MatrixEngine = plainMatrixEngine,
): Promise<Matrix> {
  const rows = await engine.multiply(left, gradient);
  const both = await engine.multiply(rows, right, { transposeB: true });
  return makeMatrix(1, both.rows * both.columns, both.data);
}

function projectDenselyInto(spec: ProjectionSpec): Projection['accumulate'] {
  const k = spec.outputSize;
  return (features, chunk, firstParameter) => {
    const end = firstParameter + chunk.columns;
    checkChunk(spec, features, chunk, end);
    for (let columnTile = Math.floor(firstParameter / tile); columnTile * tile < end; columnTile++) {
      const from = Math.max(firstParameter, columnTile * tile);
      const to = Math.min(end, (columnTile + 1) * tile);
      for (let rowTile = 0; rowTile * tile < k; rowTile++) {
        const rows = Math.min(tile, k - rowTile * tile);
        const entries = drawTile(spec, rowTile, columnTile, rows);
        for (let sample = 0; sample < chunk.rows; sample++) {
          const values = chunk.data.subarray(sample * chunk.columns, (sample + 1) * chunk.columns);
          for (let row = 0; row < rows; row++) {
            const at = sample * k + rowTile * tile + row;
            let sum = features.data[at]!;
            for (let column = from; column < to; column++) {
              sum += entries[row * tile + column - columnTile * tile]! * values[column - firstParameter]!;
            }
            features.data[at] = sum;
          }
        }
      }
    }
  };
}

/** The first rows of one square of P, scaled so that inner products are kept in the mean. */
function drawTile(spec: ProjectionSpec, rowTile: number, columnTile: number, rows: number): Float64Array {
  const random = new Random(spec.seed, `${spec.name}/${spec.kind}/${rowTile}/${columnTile}`);
  const scale = 1 / Math.sqrt(spec.outputSize);
  const entries = new Float64Array(rows * tile);
  for (let index = 0; index < entries.length; index++) {
    entries[index] = scale * (spec.kind === 'gaussian' ? random.normal() : random.sign());
  }
  return entries;
}

function sketchInto(spec: ProjectionSpec): Projection['accumulate'] {
  const k = spec.outputSize;
  return (features, chunk, firstParameter) => {
    const end = firstParameter + chunk.columns;
    checkChunk(spec, features, chunk, end);
    for (let columnTile = Math.floor(firstParameter / tile); columnTile * tile < end; columnTile++) {
      drawBucketTile(spec, columnTile, (offset, bucket, sign) => {
        const parameter = columnTile * tile + offset;
        if (parameter < firstParameter || parameter >= end) return;
        for (let sample = 0; sample < chunk.rows; sample++) {
          const value = chunk.data[sample * chunk.columns + parameter - firstParameter]!;
          features.data[sample * k + bucket]! += sign * value;
        }
      });
    }
  };
}

function drawBucketTile(
  spec: ProjectionSpec,
  columnTile: number,
  visit: (offset: number, bucket: number, sign: number) => void,
): void {
  const random = new Random(spec.seed, `${spec.name}/${spec.kind}/${columnTile}`);
  // Drawn for every column of the tile, wanted or not, so that position alone decides.
  for (let offset = 0; offset < tile; offset++) visit(offset, random.integer(spec.outputSize), random.sign());
}

function checkChunk(spec: ProjectionSpec, features: Matrix64, chunk: Matrix, end: number): void {
  assert(end <= spec.inputSize, `parameter ${end - 1} is beyond the projection's ${spec.inputSize}`);
  assert(
    features.rows === chunk.rows && features.columns === spec.outputSize,
    'the features have another size',
  );
}
