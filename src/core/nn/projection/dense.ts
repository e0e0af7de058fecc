/** @file Dense random projections: a matrix as long as the parameters, drawn in squares. References for small models. */
import { AppError } from '../../base/app-error.ts';
import type { Graph, Value } from '../../graph/graph.ts';
import { projectionMatrix } from '../../linalg/projection.ts';
import { addAll, constant, matMul } from '../../ops/build.ts';
import { elementCount } from '../../tensor/tensor.ts';
import { wholeGradientOf, type ParameterGradient } from '../parameter-gradients.ts';
import type { Projection } from '../projection.ts';

/** A quarter of what a model file may hold at all. */
const LARGEST_MATRIX_BYTES = 512 * 2 ** 20;

export function denseFeatures(
  graph: Graph,
  gradients: readonly ParameterGradient[],
  { size, seed }: Projection,
  kind: 'gaussian' | 'rademacher',
): Value {
  const count = gradients.reduce((total, { shape }) => total + elementCount(shape), 0);
  if (4 * count * size > LARGEST_MATRIX_BYTES)
    throw new AppError('projection-too-large', { kind, parameters: count, size });
  const parts = gradients.map((gradient) => {
    const inputSize = elementCount(gradient.shape);
    const matrix = projectionMatrix({ kind, inputSize, outputSize: size, seed, name: gradient.name });
    const rows = constant(graph, [size, inputSize], matrix.data);
    return matMul(graph, wholeGradientOf(graph, gradient), rows, { transposeB: true });
  });
  return addAll(graph, parts);
}
