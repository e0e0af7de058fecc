/** @file Where in a file's graph the classes are told apart: the logits, and what the last linear layer sees. */
import { AppError } from '../../core/base/app-error.ts';
import { shapeOf, type Graph, type GraphNode, type Value } from '../../core/graph/graph.ts';
import { nodesBetween } from '../../core/compiler/copy-graph.ts';
import { clip, flatten, log, mean } from '../../core/ops/build.ts';

/** The softmax itself, where `value` is one: its input holds logits without rounding. */
export function softmaxBehind(value: Value): GraphNode | null {
  const node = behindReshapes(value);
  return node?.op === 'Softmax' ? node : null;
}

/** The node that made `value`, looked at through changes of shape. */
export function behindReshapes(value: Value): GraphNode | null {
  let { source } = value;
  while (source.kind === 'node' && source.node.op === 'Reshape') source = source.node.inputs[0]!.source;
  return source.kind === 'node' ? source.node : null;
}

/** The value from which the logits are made: the softmax's input, or the output itself. */
export function logitsSource(output: Value, kind: 'logits' | 'probabilities'): Value {
  const softmax = kind === 'probabilities' ? softmaxBehind(output) : null;
  return softmax?.inputs[0] ?? output;
}

const SMALLEST_PROBABILITY = 1e-12;

/** [N, K] of what `logitsSource` found, copied into `graph`. */
export function toLogits(graph: Graph, value: Value, areProbabilities: boolean): Value {
  const rows = flatten(graph, value);
  return areProbabilities ? log(graph, clip(graph, rows, SMALLEST_PROBABILITY, 1)) : rows;
}

/** What the last linear layer or convolution before `logits` multiplies with its weights. */
export function lastLayerInput(logits: Value): Value {
  const layers = nodesBetween([logits], new Map()).filter(
    (node) => (node.op === 'MatMul' || node.op === 'Conv') && operandsOf(node) !== null,
  );
  const input = layers.map(operandsOf).at(-1);
  if (input !== undefined && input !== null) return input;
  throw new AppError('model-choice-invalid', {
    reason: 'The output is not made by a linear layer, so that an embedding has to be named',
  });
}

/** The operand that depends on the image, where the other one is a weight. */
function operandsOf(node: GraphNode): Value | null {
  const [left, right] = node.inputs as [Value, Value];
  if (node.op === 'Conv') return isWeight(right) ? left : null;
  if (isWeight(right)) return isWeight(left) ? null : left;
  return isWeight(left) ? right : null;
}

/** Depends on no input of the graph. */
function isWeight(value: Value): boolean {
  if (value.source.kind !== 'node') return value.source.kind === 'constant';
  return value.source.node.inputs.every(isWeight);
}

/** [N, E]: maps are averaged over their positions, sequences over their tokens. */
export function toEmbedding(graph: Graph, value: Value): Value {
  const rank = shapeOf(value).length;
  if (rank === 4) return mean(graph, value, { axes: [2, 3] });
  if (rank === 3) return mean(graph, value, { axes: [1] });
  return flatten(graph, value);
}
