/** @file The types of every operator's outputs: a total table. */
import type { OpAttributes, OpName } from '../graph/op-attributes.ts';
import type { TensorType } from '../tensor/tensor.ts';
import { elementwiseInference } from './infer/elementwise.ts';
import { macroInference } from './infer/macro.ts';
import { movementInference } from './infer/movement.ts';
import type { InferenceRule, InferenceRules } from './rule.ts';

const inferenceRules: InferenceRules = { ...elementwiseInference, ...movementInference, ...macroInference };

/** Every operator, in the order of the tables. */
export const opNames = Object.keys(inferenceRules) as readonly OpName[];

/** Types of the outputs of `op`; throws `internal: Op …` with the shapes where the inputs do not fit. */
export function inferTypes<Op extends OpName>(
  op: Op,
  inputs: readonly TensorType[],
  attributes: OpAttributes[Op],
): readonly TensorType[] {
  // Indexing a mapped type by a type parameter loses the correlation that the table itself guarantees.
  const rule = inferenceRules[op] as InferenceRule<Op>;
  try {
    return rule(inputs, attributes);
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    throw new Error(`internal: ${op}: ${cause.message.replace(/^internal: /, '')}`, { cause });
  }
}
