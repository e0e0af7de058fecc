/**
 * @file The places where a value that is the same for all samples, and depends on a parameter, meets the batch. The cotangent δ of such a
 * place, taken of the sum over the batch, still holds every sample's own part; behind it the parts are summed.
 */
import { AppError } from '../base/app-error.ts';
import { present } from '../base/assert.ts';
import { shapeOf, type Graph, type GraphNode, type Value } from '../graph/graph.ts';
import { printNode } from '../graph/print.ts';
import { sum } from '../ops/build.ts';
import { elementCount, isFloat } from '../tensor/tensor.ts';
import { flatStrides, type BatchAxis } from './batch-axis.ts';
import { batchLayout } from './batch-layout.ts';
import { placeIn } from './batch-rules.ts';
import { nodesBetween } from './copy-graph.ts';
import { gradients } from './differentiate.ts';

export interface Site {
  readonly node: GraphNode;
  /** Which input of the node is the batch-free one. */
  readonly operandIndex: number;
  readonly operand: Value;
  /** The cotangent of the node's output. */
  readonly delta: Value;
  /** Where the samples lie in the output and in each input. */
  readonly outputAxis: BatchAxis;
  readonly inputAxes: readonly (BatchAxis | null)[];
  readonly batchSize: number;
}

export interface SampleOutputs {
  /** [N]: what is differentiated. */
  readonly outputs: Value;
  /** The values with one sample per row, inputs as a rule. */
  readonly batched: readonly Value[];
}

/** For each parameter the sites that what is derived from it reaches. */
export function gradientSites(
  graph: Graph,
  { outputs, batched }: SampleOutputs,
  parameters: readonly Value[],
): ReadonlyMap<Value, readonly Site[]> {
  const search = new SiteSearch(outputs, batched, parameters);
  const nodes = [...new Set(search.found.map(({ node }) => node))];
  const deltas = gradients(
    graph,
    sum(graph, outputs),
    nodes.map((node) => node.outputs[0]!),
  );
  const deltaOf = new Map(nodes.map((node, index) => [node, deltas[index]!]));
  const sites = search.found.map((place) => ({ ...place, delta: present(deltaOf.get(place.node), 'δ') }));
  return new Map(
    parameters.map((parameter) => [
      parameter,
      sites.filter(({ operand }) => search.derivedFrom(operand).has(parameter)),
    ]),
  );
}

type Place = Omit<Site, 'delta'>;

const nothing: ReadonlySet<Value> = new Set();

class SiteSearch {
  readonly found: Place[] = [];
  readonly #batchSize: number;
  readonly #axes = new Map<Value, BatchAxis>();
  /** For batch-free values: the parameters they depend on. */
  readonly #derived = new Map<Value, ReadonlySet<Value>>();

  constructor(outputs: Value, batched: readonly Value[], parameters: readonly Value[]) {
    for (const parameter of parameters) this.#derived.set(parameter, new Set([parameter]));
    const layout = batchLayout([outputs], batched);
    this.#batchSize = layout.batchSize;
    for (const node of nodesBetween([outputs], new Set([...batched, ...parameters]))) {
      const outputAxis = layout.axisOf(node.outputs[0]!);
      if (outputAxis === null) this.#passOn(node);
      else this.#meet(node, outputAxis, node.inputs.map(layout.axisOf));
    }
  }

  derivedFrom(value: Value): ReadonlySet<Value> {
    return this.#derived.get(value) ?? nothing;
  }

  #passOn(node: GraphNode): void {
    const parameters = node.inputs.flatMap((input) => [...this.derivedFrom(input)]);
    if (parameters.length === 0) return;
    for (const output of node.outputs) {
      if (isFloat(output.type.dtype)) this.#derived.set(output, new Set(parameters));
    }
  }

  #meet(node: GraphNode, outputAxis: BatchAxis, inputAxes: readonly (BatchAxis | null)[]): void {
    node.inputs.forEach((operand, operandIndex) => {
      if (inputAxes[operandIndex] !== null || this.derivedFrom(operand).size === 0) return;
      const spread = this.#axisIn(operand, node, outputAxis);
      if (spread !== null) this.#followBack(operand, spread);
      else
        this.found.push({ node, operandIndex, operand, outputAxis, inputAxes, batchSize: this.#batchSize });
    });
  }

  /** Where the batch axis lies in an operand that was repeated for every sample beforehand; null where it was not. */
  #axisIn(operand: Value, node: GraphNode, outputAxis: BatchAxis): BatchAxis | null {
    const isAligned = node.op === 'Concat' || !(node.op in unalignedOps);
    const axis = outputAxis.axis - shapeOf(node.outputs[0]!).length + shapeOf(operand).length;
    const extent = outputAxis.before * this.#batchSize * outputAxis.after;
    const isPrefix = node.op !== 'MatMul' || shapeOf(operand).length - axis > 2;
    const spreads = isAligned && isPrefix && this.#batchSize > 1 && shapeOf(operand)[axis] === extent;
    return spreads ? { ...outputAxis, axis } : null;
  }

  /** Looks for the Expand that repeated the value: that is where it met the batch. */
  #followBack(value: Value, batch: BatchAxis): void {
    const known = this.#axes.get(value);
    if (known !== undefined || this.derivedFrom(value).size === 0) return;
    this.#axes.set(value, batch);
    const { source } = value;
    if (source.kind !== 'node') throw unsupported(value);
    const { node } = source;
    const input = node.inputs[0]!;
    const before = this.#axisBefore(node, batch);
    if (before !== null) this.#followBack(input, before);
    else if (node.op === 'Expand') {
      const place = { operandIndex: 0, operand: input, outputAxis: batch, inputAxes: [null] };
      this.found.push({ node, ...place, batchSize: this.#batchSize });
    } else throw unsupported(value);
  }

  #axisBefore(node: GraphNode, batch: BatchAxis): BatchAxis | null {
    const from = shapeOf(node.inputs[0]!);
    switch (node.op) {
      case 'Reshape': {
        const shape = shapeOf(node.outputs[0]!);
        const tail = shape.slice(batch.axis + 1);
        return placeIn(from, flatStrides(shape, batch), tail, this.#batchSize)[0] ?? null;
      }
      case 'Transpose': {
        const { permutation } = (node as GraphNode<'Transpose'>).attributes;
        return { ...batch, axis: permutation[batch.axis]! };
      }
      case 'Expand': {
        const axis = batch.axis - shapeOf(node.outputs[0]!).length + from.length;
        return (from[axis] ?? 1) === 1 ? null : { ...batch, axis };
      }
      default:
        return null;
    }
  }
}

/** Operators whose inputs do not broadcast against the output. */
const unalignedOps: Readonly<Record<string, true>> = {
  Conv: true,
  ConvInputGradient: true,
  Gather: true,
  ScatterAdd: true,
};

function unsupported({ source, type }: Value): AppError {
  const op = source.kind === 'node' ? source.node.op : source.kind;
  const node = source.kind === 'node' ? printNode(source.node) : `${elementCount(type.shape)} elements`;
  return new AppError('model-parameter-unsupported', { op, node });
}
