/**
 * @file Gradients of networks of linear layers, left as the factors δ and a of δ·aᵀ: inner products of whole gradients follow exactly, without a
 * projection, and dense projections without a matrix as long as the parameters in memory.
 */
import { compile } from '../../src/core/compiler/compile.ts';
import type { SiteGradient } from '../../src/core/compiler/site-gradients.ts';
import { assert } from '../../src/core/base/assert.ts';
import { Graph, type Value } from '../../src/core/graph/graph.ts';
import { makeMatrix, zeros32, type Matrix32 } from '../../src/core/linalg/matrix.ts';
import type { MatrixEngine } from '../../src/core/linalg/matrix-engine.ts';
import { rowProducts } from '../../src/core/linalg/row-algebra.ts';
import { projectionMatrix } from '../../src/core/linalg/projection.ts';
import { crossEntropy, margin } from '../../src/core/nn/losses.ts';
import { bakedParameters, imageShape } from '../../src/core/nn/network.ts';
import { parameterGradients, partsOf } from '../../src/core/nn/parameter-gradients.ts';
import type { Projection } from '../../src/core/nn/projection.ts';
import { float32 } from '../../src/core/tensor/tensor.ts';
import { BatchReader } from '../../src/engine/training/batches.ts';
import type { TrainedModels } from './trained-models.ts';

/** One layer's gradient of every image: weight and bias together are δ·[a, 1]ᵀ. */
export interface LayerFactors {
  readonly name: string;
  /** δ, [n, outputs]. */
  readonly deltas: Matrix32;
  /** [a, 1], [n, inputs + 1]. */
  readonly inputs: Matrix32;
}

const BATCH = 128;

/** By layer, of these rows, of the margin or the loss of their labels. */
export async function gradientFactors(
  models: TrainedModels,
  parameters: Float32Array,
  rows: Int32Array,
  outputFunction: 'loss' | 'margin',
): Promise<LayerFactors[]> {
  const { classifier } = models.recipe;
  const { pixels, labels, normalization } = models.images;
  const { program, names } = factorProgram(models, parameters, outputFunction);
  const session = await models.executor.open(program);
  const reader = new BatchReader(pixels, normalization, BATCH);
  const layers = names.map((name): LayerFactors => {
    const width = (side: string): number => program.outputs.get(`${name}.${side}`)!.shape[2]!;
    const inputs = zeros32(rows.length, width('inputs') + 1);
    return { name, deltas: zeros32(rows.length, width('deltas')), inputs };
  });
  for (let from = 0; from < rows.length; from += BATCH) {
    const some = rows.subarray(from, from + BATCH);
    const targets = new Float32Array(BATCH * classifier.outputCount);
    for (let place = 0; place < BATCH; place++)
      targets[place * classifier.outputCount + (place < some.length ? labels[some[place]!]! : 0)] = 1;
    const fetched = await session.run({
      images: float32(imageShape(classifier, BATCH), reader.read(some)),
      targets: float32([BATCH, classifier.outputCount], targets),
    });
    for (const { name, deltas, inputs } of layers) {
      place(fetched[`${name}.deltas`]!.data as Float32Array, deltas, from, some.length, deltas.columns);
      place(fetched[`${name}.inputs`]!.data as Float32Array, inputs, from, some.length, inputs.columns - 1);
    }
  }
  await session.dispose();
  for (const { inputs } of layers)
    for (let row = 0; row < inputs.rows; row++) inputs.data[(row + 1) * inputs.columns - 1] = 1;
  return layers;
}

function place(batch: Float32Array, into: Matrix32, from: number, count: number, width: number): void {
  for (let row = 0; row < count; row++)
    into.data.set(batch.subarray(row * width, (row + 1) * width), (from + row) * into.columns);
}

function factorProgram(
  { recipe, executor }: TrainedModels,
  parameters: Float32Array,
  outputFunction: 'loss' | 'margin',
) {
  const { classifier } = recipe;
  const graph = new Graph();
  const images = graph.input('images', { dtype: 'float32', shape: imageShape(classifier, BATCH) });
  const targets = graph.input('targets', { dtype: 'float32', shape: [BATCH, classifier.outputCount] });
  const baked = bakedParameters(graph, classifier, parameters);
  const { output: logits } = classifier.forward(graph, images, baked);
  const outputs =
    outputFunction === 'loss' ? crossEntropy(graph, logits, targets) : margin(graph, logits, targets);
  const found = parameterGradients(graph, classifier, baked, { outputs, batched: [images, targets] });
  const wanted: Record<string, Value> = {};
  const names: string[] = [];
  for (const gradient of found.filter(({ shape }) => shape.length === 2)) {
    const [part, ...others] = partsOf(graph, gradient);
    assert(others.length === 0 && isOuterProduct(part), `${gradient.name} is the weight of a linear layer`);
    wanted[`${gradient.name}.deltas`] = part.rows;
    wanted[`${gradient.name}.inputs`] = part.columns;
    names.push(gradient.name);
  }
  return { program: compile(graph, wanted, { profile: executor.profile }), names };
}

function isOuterProduct(part: SiteGradient | undefined): part is Extract<SiteGradient, { kind: 'product' }> {
  return part?.kind === 'product';
}

/** Inner products of whole gradients, [left, right]: Σ over layers of (δ·δ′)(a·a′). */
export async function gradientProducts(
  left: readonly LayerFactors[],
  right: readonly LayerFactors[],
  engine: MatrixEngine,
): Promise<Matrix32> {
  const total = zeros32(left[0]!.deltas.rows, right[0]!.deltas.rows);
  for (const [index, layer] of left.entries()) {
    const other = right[index]!;
    const deltas = await engine.multiply(layer.deltas, other.deltas, { transposeB: true });
    const inputs = await engine.multiply(layer.inputs, other.inputs, { transposeB: true });
    for (let at = 0; at < total.data.length; at++) total.data[at]! += deltas.data[at]! * inputs.data[at]!;
  }
  return total;
}

/** Of whole gradients: √Σ over layers of ‖δ‖²‖a‖². */
export function gradientLengths(factors: readonly LayerFactors[]): Float64Array {
  const squares = new Float64Array(factors[0]!.deltas.rows);
  for (const { deltas, inputs } of factors) {
    const [ofDeltas, ofInputs] = [rowProducts(deltas, deltas), rowProducts(inputs, inputs)];
    for (let row = 0; row < squares.length; row++) squares[row]! += ofDeltas[row]! * ofInputs[row]!;
  }
  return squares.map(Math.sqrt);
}

/** Columns of the gradient at a time. */
const CHUNK = 8192;

/** P·g of every image for a dense P, [n, size]; drawn and applied chunk by chunk. */
export async function denselyProjected(
  factors: readonly LayerFactors[],
  { kind, size, seed }: Projection & { readonly kind: 'gaussian' | 'rademacher' },
  engine: MatrixEngine,
): Promise<Matrix32> {
  const features = zeros32(factors[0]!.deltas.rows, size);
  for (const layer of factors) {
    const step = Math.max(1, Math.floor(CHUNK / layer.inputs.columns));
    for (let unit = 0; unit < layer.deltas.columns; unit += step) {
      const chunk = unitGradients(layer, unit, Math.min(layer.deltas.columns, unit + step));
      const name = `${layer.name}/${unit}`;
      const spec = { kind, seed, name, inputSize: chunk.columns, outputSize: size };
      const { data } = projectionMatrix(spec);
      const matrix = makeMatrix(size, chunk.columns, Float32Array.from(data));
      const part = await engine.multiply(chunk, matrix, { transposeB: true });
      for (let at = 0; at < features.data.length; at++) features.data[at]! += part.data[at]!;
    }
  }
  return features;
}

/** The gradient by the weights and biases of some units, [n, units · (inputs + 1)]. */
function unitGradients({ deltas, inputs }: LayerFactors, from: number, to: number): Matrix32 {
  const width = inputs.columns;
  const chunk = zeros32(deltas.rows, (to - from) * width);
  let at = 0;
  for (let row = 0; row < deltas.rows; row++) {
    const own = inputs.data.subarray(row * width, (row + 1) * width);
    for (let unit = from; unit < to; unit++) {
      const delta = deltas.data[row * deltas.columns + unit]!;
      for (let index = 0; index < width; index++) chunk.data[at++] = delta * own[index]!;
    }
  }
  return chunk;
}
