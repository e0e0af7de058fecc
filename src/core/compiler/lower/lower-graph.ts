/** @file Graph → ONNX model: walks the live nodes in order and asks the profile's table for each. */
import { assert, present } from '../../base/assert.ts';
import { nodesReaching, type Graph, type GraphNode, type Value } from '../../graph/graph.ts';
import type { OpName } from '../../graph/op-attributes.ts';
import type { OnnxModel, OnnxNode } from '../../onnx/model.ts';
import { outputTensorName } from '../../execution/executor.ts';
import type { Tensor, TensorType } from '../../tensor/tensor.ts';
import { OnnxEmitter } from './emitter.ts';
import { loweringsOf, type Profile } from './lowerings.ts';
import { pruneNodes } from './prune-nodes.ts';
import type { Lowering, LoweringSite } from './rule.ts';

/** Opset 20 is the newest whose Conv, Transpose, Reshape and Cast are those that ORT's graph optimiser knows best. */
const OPSET = 20;
const IR_VERSION = 9;

/** A lowered graph knows every extent of what goes in. */
export interface LoweredModel extends OnnxModel {
  readonly inputs: ReadonlyMap<string, TensorType>;
}

export interface LowerOptions {
  readonly profile: Profile;
  /** Inputs to be fixed, by name: they become initializers, and ORT optimises for their values. */
  readonly bake?: ReadonlyMap<string, Tensor>;
}

/** Inputs that no output depends on are left out; the rest keep the order in which they were added to the graph. */
export function lowerGraph(
  graph: Graph,
  outputs: ReadonlyMap<string, Value>,
  { profile, bake = new Map<string, Tensor>() }: LowerOptions,
): LoweredModel {
  const nodes = nodesReaching(graph, [...outputs.values()]);
  const read = new Set([...nodes.flatMap((node) => node.inputs), ...outputs.values()]);
  const inputs = liveInputs(graph, read, bake);
  const tensorName = (output: string): string => outputTensorName(inputs, output);
  const emitter = new OnnxEmitter(
    new Set([...ownNames(nodes, [...outputs.values()]), ...[...outputs.keys()].map(tensorName)]),
  );
  const names = new Map<Value, string>();
  const nameOf = (value: Value): string => {
    const known = names.get(value);
    if (known !== undefined) return known;
    const name = nameOfSource(emitter, value, bake);
    names.set(value, name);
    return name;
  };
  const surroundings = { nameOf, isRead: (value: Value) => read.has(value) };
  for (const node of nodes) {
    const first = emitter.nodes.length;
    const lowered = lowerNode(emitter, node, surroundings, profile);
    nameAfterOperator(emitter, first, node.op);
    node.outputs.forEach((output, index) =>
      names.set(output, present(lowered[index], `output of ${node.op}`)),
    );
  }
  for (const [name, value] of outputs) {
    emitter.nodes.push({
      opType: 'Identity',
      domain: '',
      name: `output:${name}`,
      inputs: [nameOf(value)],
      outputs: [tensorName(name)],
      attributes: new Map(),
    });
  }
  const kept = pruneNodes(emitter, new Set([...outputs.keys()].map(tensorName)));
  return {
    producer: 'whence',
    irVersion: IR_VERSION,
    opsets: opsetsOf(kept.nodes),
    functions: [],
    graphName: 'program',
    inputs,
    outputs: new Map([...outputs].map(([name, value]) => [tensorName(name), value.type])),
    ...kept,
  };
}

/** Operators outside ONNX's own domain are ONNX Runtime's, which has them in version 1 only. */
function opsetsOf(nodes: readonly OnnxNode[]): ReadonlyMap<string, number> {
  const domains = new Set(nodes.map(({ domain }) => domain).filter((domain) => domain !== ''));
  return new Map([['', OPSET], ...[...domains].map((domain) => [domain, 1] as const)]);
}

/** The names of the inputs and named constants that are read. */
function ownNames(nodes: readonly GraphNode[], outputs: readonly Value[]): string[] {
  const read = [...nodes.flatMap((node) => node.inputs), ...outputs];
  return read.flatMap(({ source }) => (source.kind === 'node' || source.name === null ? [] : [source.name]));
}

function lowerNode(
  emitter: OnnxEmitter,
  node: GraphNode,
  surroundings: Pick<LoweringSite<OpName>, 'nameOf' | 'isRead'>,
  profile: Profile,
): readonly string[] {
  // Indexing a mapped type by a union loses the correlation of operator and rule that the table itself guarantees.
  const lowering = loweringsOf[profile][node.op] as unknown as Lowering<OpName>;
  const inputs = node.inputs.map(surroundings.nameOf);
  return lowering({ emitter, node, attributes: node.attributes, inputs, ...surroundings });
}

/** ONNX nodes say which operator they are part of: profiles and error messages of ONNX Runtime then speak of the graph's operators. */
function nameAfterOperator({ nodes }: OnnxEmitter, first: number, op: OpName): void {
  for (let index = first; index < nodes.length; index++) {
    const made = nodes[index]!;
    nodes[index] = { ...made, name: `${op}/${made.name}` };
  }
}

function nameOfSource(
  emitter: OnnxEmitter,
  { source, type }: Value,
  bake: ReadonlyMap<string, Tensor>,
): string {
  if (source.kind === 'constant') return emitter.initializer(source.tensor, source.name ?? undefined);
  assert(source.kind === 'input', 'a node is lowered before its readers');
  const baked = bake.get(source.name);
  if (baked === undefined) return source.name;
  assert(
    baked.dtype === type.dtype && baked.shape.join() === type.shape.join(),
    `the value for ${source.name} is of another type`,
  );
  return emitter.initializer(baked, source.name);
}

function liveInputs(
  graph: Graph,
  read: ReadonlySet<Value>,
  bake: ReadonlyMap<string, Tensor>,
): ReadonlyMap<string, TensorType> {
  const inputs = new Map<string, TensorType>();
  for (const value of graph.inputs) {
    if (value.source.kind !== 'input' || !read.has(value) || bake.has(value.source.name)) continue;
    inputs.set(value.source.name, value.type);
  }
  return inputs;
}
