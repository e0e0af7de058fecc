/**
 * @file What every operator must state, as three total tables over the operator names: an operator without a row in any of them does
 * not compile. Types come from `infer.ts`, derivatives from `gradient-rules.ts`, and the slow reference semantics (float64, for
 * tests) from `execution/evaluation-rules.ts`. They are tables of their own, and not one, because gradient rules build nodes and
 * building a node needs its types.
 */
import type { Graph, GraphNode, Value } from '../graph/graph.ts';
import type { OpAttributes, OpName } from '../graph/op-attributes.ts';
import type { TensorType } from '../tensor/tensor.ts';

/** Types of the outputs; throws `internal:` with the shapes where the inputs do not fit. */
export type InferenceRule<Op extends OpName> = (
  inputs: readonly TensorType[],
  attributes: OpAttributes[Op],
) => readonly TensorType[];

/**
 * Vector–Jacobian product: one cotangent per output (null: that output is not used; at least one is not null) → one per input
 * (null: no gradient flows there). Emits operators of this same set, so it can be differentiated again.
 */
export type GradientRule<Op extends OpName> = (
  graph: Graph,
  node: GraphNode<Op>,
  cotangents: readonly (Value | null)[],
) => readonly (Value | null)[];

export type InferenceRules = { readonly [Op in OpName]: InferenceRule<Op> };
export type GradientRules = { readonly [Op in OpName]: GradientRule<Op> };
