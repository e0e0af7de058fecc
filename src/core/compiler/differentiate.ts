/**
 * @file Symbolic reverse mode. One sweep over the graph in reverse order adds the nodes that compute gradients to the same graph; since
 * gradient rules emit ordinary operators, the result can be differentiated again.
 */
import { assert } from '../base/assert.ts';
import { nodesReaching, shapeOf, type Graph, type GraphNode, type Value } from '../graph/graph.ts';
import { add, onesLike, zerosLike } from '../ops/build.ts';
import { pullBack } from '../ops/gradient-rules.ts';
import { printShape } from '../tensor/shape.ts';
import { elementCount, isFloat, sameShape } from '../tensor/tensor.ts';

/**
 * Gradients of ⟨seed, output⟩ by each of `wrt`, shaped like them; zeros where nothing flows. Without a seed the output must have one
 * element. `wrt` may hold inputs, constants and values in between: the gradient by such a "tap" is the cotangent that
 * arrives there, and what lies before it is still reached through it.
 */
export function gradients(graph: Graph, output: Value, wrt: readonly Value[], seed?: Value): Value[] {
  const cotangents = new Map<Value, Value>([[output, startOf(graph, output, seed)]]);
  const path = nodesReaching(graph, [output]);
  const dependent = dependentOn(wrt, path);
  for (const node of path.reverse()) {
    if (!dependent.has(node)) continue;
    const arriving = node.outputs.map((value) => cotangents.get(value) ?? null);
    if (arriving.every((cotangent) => cotangent === null)) continue;
    const leaving = pullBack(graph, node, arriving);
    node.inputs.forEach((input, index) => {
      const cotangent = leaving[index] ?? null;
      if (cotangent !== null) accumulate(graph, cotangents, input, cotangent, node);
    });
  }
  return wrt.map((value) => cotangents.get(value) ?? zerosLike(graph, value));
}

function startOf(graph: Graph, output: Value, seed: Value | undefined): Value {
  assert(isFloat(output.type.dtype), `only floats have gradients, not ${output.type.dtype}`);
  if (seed === undefined) {
    const { shape } = output.type;
    assert(elementCount(shape) === 1, `an output of shape ${printShape(shape)} needs a seed`);
    return onesLike(graph, output);
  }
  assert(
    sameShape(shapeOf(seed), shapeOf(output)) && seed.type.dtype === output.type.dtype,
    `a seed of ${seed.type.dtype} ${printShape(shapeOf(seed))} does not fit the output`,
  );
  return seed;
}

/** The nodes of `path` (in the graph's order) whose outputs depend on one of `wrt`: the others need no visit. */
function dependentOn(wrt: readonly Value[], path: readonly GraphNode[]): Set<GraphNode> {
  const varying = new Set<Value>(wrt);
  const dependent = new Set<GraphNode>();
  for (const node of path) {
    if (!node.inputs.some((input) => varying.has(input))) continue;
    dependent.add(node);
    for (const output of node.outputs) varying.add(output);
  }
  return dependent;
}

function accumulate(
  graph: Graph,
  cotangents: Map<Value, Value>,
  input: Value,
  cotangent: Value,
  node: GraphNode,
): void {
  assert(
    sameShape(shapeOf(cotangent), shapeOf(input)) && cotangent.type.dtype === input.type.dtype,
    `${node.op} gave a cotangent of ${printShape(shapeOf(cotangent))} for ${printShape(shapeOf(input))}`,
  );
  const earlier = cotangents.get(input);
  cotangents.set(input, earlier === undefined ? cotangent : add(graph, earlier, cotangent));
}
