/**
 * @file Dropout for attribution in any network: layers that it has get another rate; where it has none, masks are put into its graph after each
 * residual sum, or in front of each layer where there are no such sums, and in front of the last layer (docs/methods/ensembles.md).
 */
import { assert, present } from '../base/assert.ts';
import { batchLayout, type BatchLayout } from '../compiler/batch-layout.ts';
import { changeValues } from '../compiler/change-values.ts';
import { nodesBetween } from '../compiler/copy-graph.ts';
import { Graph, shapeOf, type GraphNode, type Value } from '../graph/graph.ts';
import { mul } from '../ops/build.ts';
import { sameShape } from '../tensor/tensor.ts';
import { dropoutInputName } from './dropout.ts';
import { imageShape, sideInputs, type DropoutSpec, type Forward, type Network } from './network.ts';

/** A batch of one would not tell the samples' axis from other extents of one. */
const PROBE_BATCH = 2;

/** The network with this rate in its dropout layers; in layers of its own or, where it has none, in inserted ones. */
export function withDropout(network: Network, rate: number): Network {
  if (network.dropouts.length > 0)
    return { ...network, dropouts: network.dropouts.map((dropout) => ({ ...dropout, rate })) };
  const dropouts = insertedDropouts(network, rate);
  return {
    ...network,
    dropouts,
    forward: (graph, images, parameters, { masks, ...told } = {}) => {
      const plain = network.forward(graph, images, parameters, told);
      if (masks === undefined) return plain;
      const places = findPlaces(plain, [images, ...(told.side?.values() ?? [])]).map(({ value }) => value);
      assert(
        places.length === dropouts.length &&
          places.every((place, index) => sameShape(shapeOf(place).slice(1), dropouts[index]!.shape)),
        'the places of the masks are the same in every batch',
      );
      const drop = (value: Value, index: number): Value => {
        const { inputName } = dropouts[index]!;
        return mul(graph, value, present(masks.get(inputName), inputName));
      };
      const [output, embedding] = changeValues(graph, [plain.output, plain.embedding], places, drop);
      return { output: output!, embedding: embedding! };
    },
  };
}

function insertedDropouts(network: Network, rate: number): DropoutSpec[] {
  const graph = new Graph();
  const images = graph.input('images', { dtype: 'float32', shape: imageShape(network, PROBE_BATCH) });
  const parameters = new Map(
    network.parameters.map(({ name, shape }) => [name, graph.input(name, { dtype: 'float32', shape })]),
  );
  const side = sideInputs(graph, network, PROBE_BATCH);
  const plain = network.forward(graph, images, parameters, { side });
  return findPlaces(plain, [images, ...side.values()]).map(({ value, name }) => ({
    inputName: dropoutInputName(name),
    shape: shapeOf(value).slice(1),
    rate,
  }));
}

interface Place {
  readonly value: Value;
  /** For a person. */
  readonly name: string;
}

/** In the order of computation. */
function findPlaces({ output }: Forward, batched: readonly Value[]): Place[] {
  const layout = batchLayout([output], batched);
  const nodes = nodesBetween([output], new Set(batched));
  const sums = nodes.flatMap((node) => (isResidualSum(node, layout) ? [node.outputs[0]!] : []));
  const seen = nodes.flatMap((node) => seenByLayer(node, layout) ?? []);
  const last = seen.at(-1);
  const wanted = sums.length > 0 ? sums : seen.slice(1);
  const named = wanted.map((value, index) => ({
    value,
    name: sums.length > 0 ? `residual sum ${index + 1}` : `before layer ${index + 2}`,
  }));
  if (last !== undefined) named.push({ value: last, name: 'before the last layer' });
  const distinct = new Map(named.map((place) => [place.value, place]));
  return [...distinct.values()]
    .filter(({ value }) => isSampleFirst(value, layout))
    .sort((a, b) => a.value.id - b.value.id);
}

/** What a block computed, added to what it was given. */
function isResidualSum({ op, inputs, outputs }: GraphNode, { axisOf }: BatchLayout): boolean {
  const shape = shapeOf(outputs[0]!);
  return op === 'Add' && inputs.every((input) => axisOf(input) !== null && sameShape(shapeOf(input), shape));
}

/** What a linear layer or a convolution multiplies with its weights. */
function seenByLayer({ op, inputs }: GraphNode, { axisOf }: BatchLayout): Value | null {
  if (op !== 'MatMul' && op !== 'Conv') return null;
  const [left, right] = inputs as [Value, Value];
  if (axisOf(right) === null) return axisOf(left) === null ? null : left;
  return op === 'MatMul' && axisOf(left) === null ? right : null;
}

/** One sample after the other along the first axis, as masks are laid out. */
function isSampleFirst(value: Value, { axisOf }: BatchLayout): boolean {
  const place = axisOf(value);
  return place?.axis === 0 && place.before === 1 && place.after === 1;
}
