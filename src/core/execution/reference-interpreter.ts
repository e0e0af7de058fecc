/**
 * @file Evaluates a graph by the slow reference semantics of each operator: float64 throughout, plain loops. Tests hold compiled programs
 * and gradient rules against it; what ships runs it only on what a model file computes from shapes.
 */
import { assert } from '../base/assert.ts';
import { nodesReaching, type Graph, type Value } from '../graph/graph.ts';
import type { OpName } from '../graph/op-attributes.ts';
import { printShape } from '../tensor/shape.ts';
import { elementCount, isFloat, numbersOf, sameShape, tensorOf, type Tensor } from '../tensor/tensor.ts';
import { algebraEvaluation } from './evaluation/algebra.ts';
import { elementwiseEvaluation } from './evaluation/elementwise.ts';
import { movementEvaluation } from './evaluation/movement.ts';
import type { EvaluationRule, EvaluationRules, NumberArray } from './evaluation/number-array.ts';
import { windowEvaluation } from './evaluation/window.ts';
import type { Feeds } from './executor.ts';

const evaluationRules: EvaluationRules = {
  ...elementwiseEvaluation,
  ...movementEvaluation,
  ...algebraEvaluation,
  ...windowEvaluation,
};

/** The given values; floats come as float64 whatever their type, other types as they are. */
export function interpret(graph: Graph, values: readonly Value[], feeds: Feeds): Tensor[] {
  const known = new Map<Value, NumberArray>();
  const valueOf = (value: Value): NumberArray => known.get(value) ?? sourceArray(value, feeds);
  for (const { op, inputs, attributes, outputs } of nodesReaching(graph, values)) {
    const rule = evaluationRules[op] as EvaluationRule<OpName>;
    const results = rule(inputs.map(valueOf), attributes);
    assert(results.length === outputs.length, `${op} gave ${results.length} outputs`);
    outputs.forEach((output, index) => {
      const { shape, data } = results[index]!;
      const agrees = sameShape(shape, output.type.shape) && data.length === elementCount(shape);
      assert(agrees, `${op} gave ${printShape(shape)}, inferred was ${printShape(output.type.shape)}`);
      known.set(output, results[index]!);
    });
  }
  return values.map((value) => {
    const { shape, data } = valueOf(value);
    return tensorOf(isFloat(value.type.dtype) ? 'float64' : value.type.dtype, shape, data);
  });
}

/** The content of an input or a constant. */
function sourceArray({ source, type }: Value, feeds: Feeds): NumberArray {
  assert(source.kind !== 'node', 'a node is evaluated before what uses it');
  const tensor = source.kind === 'constant' ? source.tensor : feeds[source.name];
  assert(tensor !== undefined, `${source.kind === 'input' ? source.name : 'a constant'} is not fed`);
  assert(
    sameShape(tensor.shape, type.shape),
    `a feed is ${printShape(tensor.shape)}, not ${printShape(type.shape)}`,
  );
  return { shape: tensor.shape, data: numbersOf(tensor) };
}
