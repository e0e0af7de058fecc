/**
 * @file The intermediate representation: a static-shape SSA graph. Values are made by inputs, constants and nodes; equal nodes on
 * equal inputs are one node (hash-consing), so repeated sub-expressions of gradients cost nothing.
 */
import { assert } from '../base/assert.ts';
import { elementCount, type Shape, type Tensor, type TensorType } from '../tensor/tensor.ts';
import type { OpAttributes, OpName } from './op-attributes.ts';

export interface Value {
  readonly id: number;
  readonly type: TensorType;
  readonly source: ValueSource;
}

export type ValueSource =
  | { readonly kind: 'input'; readonly name: string }
  /** `name` is set where the constant has a meaning of its own, such as a baked parameter. */
  | { readonly kind: 'constant'; readonly tensor: Tensor; readonly name: string | null }
  | { readonly kind: 'node'; readonly node: GraphNode; readonly outputIndex: number };

export interface GraphNode<Op extends OpName = OpName> {
  readonly id: number;
  readonly op: Op;
  readonly inputs: readonly Value[];
  readonly attributes: OpAttributes[Op];
  readonly outputs: readonly Value[];
}

/** Constants up to this many elements are shared by content. */
const SHARED_CONSTANT_LIMIT = 64;

export class Graph {
  readonly #nodes: GraphNode[] = [];
  readonly #inputs: Value[] = [];
  readonly #nodeByKey = new Map<string, GraphNode>();
  readonly #constantByKey = new Map<string, Value>();
  #nextValueId = 0;

  /** In topological order: a node comes after the makers of its inputs. */
  get nodes(): readonly GraphNode[] {
    return this.#nodes;
  }

  get inputs(): readonly Value[] {
    return this.#inputs;
  }

  input(name: string, type: TensorType): Value {
    assert(
      this.#inputs.every((value) => value.source.kind !== 'input' || value.source.name !== name),
      `graph input ${name} exists already`,
    );
    const value = this.#value(type, { kind: 'input', name });
    this.#inputs.push(value);
    return value;
  }

  constant(tensor: Tensor, name: string | null = null): Value {
    assert(tensor.data.length === elementCount(tensor.shape), 'a constant must fill its shape');
    const shared = name === null && tensor.data.length <= SHARED_CONSTANT_LIMIT;
    const key = shared ? constantKey(tensor) : '';
    const known = shared ? this.#constantByKey.get(key) : undefined;
    if (known !== undefined) return known;
    const value = this.#value(
      { dtype: tensor.dtype, shape: tensor.shape },
      { kind: 'constant', tensor, name },
    );
    if (shared) this.#constantByKey.set(key, value);
    return value;
  }

  /** Adds a node whose output types are already inferred (`ops/apply.ts` does that), or finds its equal. */
  node<Op extends OpName>(
    op: Op,
    inputs: readonly Value[],
    attributes: OpAttributes[Op],
    outputTypes: readonly TensorType[],
  ): GraphNode<Op> {
    const key = `${op}|${inputs.map((value) => value.id).join()}|${attributesKey(attributes)}`;
    const known = this.#nodeByKey.get(key);
    if (known !== undefined) return known as GraphNode<Op>;
    const outputs: Value[] = [];
    const node: GraphNode<Op> = { id: this.#nodes.length, op, inputs, attributes, outputs };
    outputTypes.forEach((type, outputIndex) => {
      outputs.push(this.#value(type, { kind: 'node', node: node as unknown as GraphNode, outputIndex }));
    });
    this.#nodes.push(node);
    this.#nodeByKey.set(key, node);
    return node;
  }

  #value(type: TensorType, source: ValueSource): Value {
    return { id: this.#nextValueId++, type, source };
  }
}

/** Like JSON, but telling ±∞ and NaN apart (a padding value may be −∞). */
function attributesKey(attributes: OpAttributes[OpName]): string {
  return JSON.stringify(attributes, (_, held: unknown) =>
    typeof held === 'number' && !Number.isFinite(held) ? String(held) : held,
  );
}

/** Type and content; −0 is kept apart from 0, as 1/x can tell them. */
function constantKey({ dtype, shape, data }: Tensor): string {
  const elements = Array.from<number | bigint, string>(data, (element) =>
    Object.is(element, -0) ? '-0' : String(element),
  );
  return `${dtype}|${shape.join()}|${elements.join()}`;
}

export function shapeOf(value: Value): Shape {
  return value.type.shape;
}

/** The nodes that the given values depend on, in the graph's order. */
export function nodesReaching(graph: Graph, values: readonly Value[]): GraphNode[] {
  const live = new Set<GraphNode>();
  const pending = values.flatMap((value) => (value.source.kind === 'node' ? [value.source.node] : []));
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (live.has(node)) continue;
    live.add(node);
    for (const input of node.inputs) if (input.source.kind === 'node') pending.push(input.source.node);
  }
  return graph.nodes.filter((node) => live.has(node));
}
