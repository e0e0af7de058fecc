/** @file What each output of an imported model looks like: logits, probabilities, an embedding, or neither. */
import { nodesBetween } from '../../core/compiler/copy-graph.ts';
import { shapeOf, type Value } from '../../core/graph/graph.ts';
import { elementCount } from '../../core/tensor/tensor.ts';
import type { OutputRole } from '../../contract/models-service.ts';
import { behindReshapes } from './network-head.ts';

const EMBEDDING_WORDS = /embed|feat|pool|hidden|repr/i;

export function judgeOutputs(outputs: ReadonlyMap<string, Value>): Map<string, OutputRole> {
  const rows = [...outputs].filter(([, value]) => isRows(value));
  return new Map(
    [...outputs].map(([name, value]) => [name, isRows(value) ? judge(name, value, rows) : 'other']),
  );
}

/** [N, K], perhaps followed by extents of one. */
function isRows(value: Value): boolean {
  const shape = shapeOf(value);
  const isFloat = value.type.dtype === 'float32';
  return isFloat && shape.length >= 2 && shape[1]! >= 2 && elementCount(shape.slice(2)) === 1;
}

function judge(name: string, value: Value, others: readonly (readonly [string, Value])[]): OutputRole {
  const op = behindReshapes(value)?.op;
  if (op === 'Softmax') return 'probabilities';
  if (op === 'LogSoftmax') return 'logits';
  // Each class for itself: more than one may be right, which is another task.
  if (op === 'Sigmoid') return 'other';
  if (EMBEDDING_WORDS.test(name)) return 'embedding';
  // A mean over positions, beside other outputs: what a head would be put on. Alone it may be the head of a SqueezeNet.
  if (others.length > 1 && (op === 'ReduceMean' || op === 'AveragePool')) return 'embedding';
  const feedsAnother = others.some(
    ([, other]) => other !== value && behindReshapes(other)?.op !== 'Softmax' && dependsOn(other, value),
  );
  return feedsAnother ? 'embedding' : 'logits';
}

function dependsOn(value: Value, earlier: Value): boolean {
  return nodesBetween([value], new Map()).some((node) => node.inputs.includes(earlier));
}
