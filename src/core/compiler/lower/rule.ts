/** @file What lowering an operator to ONNX is given and returns. */
import type { GraphNode, Value } from '../../graph/graph.ts';
import type { OpAttributes, OpName } from '../../graph/op-attributes.ts';
import type { OnnxEmitter } from './emitter.ts';

export interface LoweringSite<Op extends OpName> {
  readonly emitter: OnnxEmitter;
  readonly node: GraphNode<Op>;
  readonly attributes: OpAttributes[Op];
  /** ONNX names of the node's inputs. */
  readonly inputs: readonly string[];
  readonly nameOf: (value: Value) => string;
  /** Whether any node of the program, or its caller, reads the value. */
  readonly isRead: (value: Value) => boolean;
}

/**
 * Emits the ONNX nodes of one operator and returns the name of each output. Outputs that nobody reads may be named freely: dead
 * nodes and dead trailing outputs are pruned afterwards (`prune-nodes.ts`).
 */
export type Lowering<Op extends OpName> = (site: LoweringSite<Op>) => readonly string[];

/** Total: an operator without a lowering does not compile. */
export type Lowerings = { readonly [Op in OpName]: Lowering<Op> };
