/** @file Products of second derivatives with a vector, as graphs: neither the Hessian nor the Jacobian is ever formed. */
import { present } from '../base/assert.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { add, mul, stopGradient, sum } from '../ops/build.ts';
import { elementCount, tensorOf } from '../tensor/tensor.ts';
import { gradients } from './differentiate.ts';

/** H·v, shaped like the parameters, H being the Hessian of the scalar `loss`: the gradient of ⟨gradient, v⟩ (Pearlmutter 1994). */
export function hessianVectorProduct(
  graph: Graph,
  loss: Value,
  parameters: readonly Value[],
  vector: readonly Value[],
): readonly Value[] {
  const slope = innerProduct(graph, gradients(graph, loss, parameters), constants(graph, vector));
  return gradients(graph, slope, parameters);
}

/**
 * J·v, shaped like `output`: the derivative of the output along v. Reverse mode twice: Jᵀu is linear in u, and the gradient of ⟨Jᵀu, v⟩ by u is
 * J·v whatever u is.
 */
export function jacobianVectorProduct(
  graph: Graph,
  output: Value,
  parameters: readonly Value[],
  vector: readonly Value[],
): Value {
  const { dtype, shape } = output.type;
  // Named, so that nothing is folded into it: its value is never read.
  const seed = graph.constant(tensorOf(dtype, shape, new Float64Array(elementCount(shape))), 'tangent seed');
  const pulledBack = gradients(graph, output, parameters, seed);
  const [product] = gradients(graph, innerProduct(graph, pulledBack, constants(graph, vector)), [seed]);
  return present(product, 'J·v');
}

/**
 * Jᵀ·H·J·v, shaped like the parameters, J being the Jacobian of `output` and H the Hessian of the scalar `loss` by `output`, through which alone
 * the loss may depend on the parameters. Positive semidefinite where the loss is convex in the output (Schraudolph 2002).
 */
export function gaussNewtonVectorProduct(
  graph: Graph,
  { loss, output }: { readonly loss: Value; readonly output: Value },
  parameters: readonly Value[],
  vector: readonly Value[],
): readonly Value[] {
  const along = jacobianVectorProduct(graph, output, parameters, vector);
  const bent = hessianVectorProduct(graph, loss, [output], [along]);
  return gradients(graph, output, parameters, present(bent[0], 'H·J·v'));
}

/** Σ⟨aᵢ, bᵢ⟩, a scalar. */
function innerProduct(graph: Graph, a: readonly Value[], b: readonly Value[]): Value {
  return a
    .map((value, index) => sum(graph, mul(graph, value, b[index]!)))
    .reduce((total, term) => add(graph, total, term));
}

/** The vector may have been computed from the same values; it is fixed all the same. */
function constants(graph: Graph, vector: readonly Value[]): Value[] {
  return vector.map((value) => stopGradient(graph, value));
}
