/** @file What every operator must state. `registry.ts` is a total table of these: an operator without a rule does not compile. */
import type { Graph, GraphNode, Value } from '../graph/graph.ts';
import type { OpAttributes, OpName } from '../graph/op-attributes.ts';
import type { Tensor, TensorType } from '../tensor/tensor.ts';

export interface OpRule<Op extends OpName> {
  /** Types of the outputs; throws `internal:` with the shapes where the inputs do not fit. */
  readonly infer: (inputs: readonly TensorType[], attributes: OpAttributes[Op]) => readonly TensorType[];
  /**
   * Vector–Jacobian product: one cotangent per output (null: that output is not used) → one per input (null: no gradient flows).
   * Emits operators of this same table, so it can be differentiated again.
   */
  readonly gradient: (
    graph: Graph,
    node: GraphNode<Op>,
    cotangents: readonly (Value | null)[],
  ) => readonly (Value | null)[];
  /** The slow reference: float64 arithmetic over plain loops, used in tests only. */
  readonly evaluate: (inputs: readonly Tensor[], attributes: OpAttributes[Op]) => readonly Tensor[];
}

export type OpRules = { readonly [Op in OpName]: OpRule<Op> };
