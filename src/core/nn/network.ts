/** @file What training, prediction and attribution know of a network, whether it was built here or imported. */
import { present } from '../base/assert.ts';
import { slice, reshape } from '../ops/build.ts';
import { sourceOf } from '../ops/build/constants.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { elementCount, float32, type Shape } from '../tensor/tensor.ts';

/** One trainable tensor, and its place in the flat parameter vector. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: Shape;
  readonly offset: number;
}

/** A layer that drops units where it is given a mask: `shape` per sample, `inputName` among the feeds. */
export interface DropoutSpec {
  readonly inputName: string;
  readonly shape: Shape;
  readonly rate: number;
}

/** Parameters by name, as values of the graph. */
export type Parameters = ReadonlyMap<string, Value>;

/** Dropout masks by input name, as values of the graph: [N, …shape] for each sample its own, or [1, …shape] for all. */
export type Masks = ReadonlyMap<string, Value>;

/** What a network is told of each sample beside its image: `shape` per sample, `name` among the feeds. */
export interface SideInputSpec {
  readonly name: string;
  readonly shape: Shape;
}

/** Side inputs by name, [N, …shape], as values of the graph. */
export type SideInputs = ReadonlyMap<string, Value>;

export interface ForwardOptions {
  /** One for each entry of `dropouts`; without them those layers do nothing. */
  readonly masks?: Masks;
  /** One for each entry of `sideInputs`. */
  readonly side?: SideInputs;
}

export interface Forward {
  /** [N, …]: of a classifier the logits, [N, outputCount]; of a denoiser its prediction, like the images. */
  readonly output: Value;
  /** What stands for the image, [N, E]: of a classifier what its last linear layer sees. */
  readonly embedding: Value;
}

export interface Network {
  /** Of one image, [C, H, W]. */
  readonly inputShape: readonly [number, number, number];
  /** Numbers in the output of one sample. */
  readonly outputCount: number;
  readonly parameters: readonly ParameterSpec[];
  readonly parameterCount: number;
  readonly dropouts: readonly DropoutSpec[];
  /** None where not given. */
  readonly sideInputs?: readonly SideInputSpec[];
  /** All parameters in one vector. A parameter's values depend on the seed and its name alone. */
  readonly initialParameters: (seed: number) => Float32Array<ArrayBuffer>;
  /** `images` [N, C, H, W]; samples never mix. */
  readonly forward: (
    graph: Graph,
    images: Value,
    parameters: Parameters,
    options?: ForwardOptions,
  ) => Forward;
}

export function imageShape({ inputShape }: Network, batchSize: number): Shape {
  return [batchSize, ...inputShape];
}

/** The network's side inputs as inputs of a program. */
export function sideInputs(graph: Graph, { sideInputs: specs = [] }: Network, batchSize: number): SideInputs {
  return new Map(
    specs.map(({ name, shape }) => [
      name,
      graph.input(name, { dtype: 'float32', shape: [batchSize, ...shape] }),
    ]),
  );
}

/** Lays parameters out one after another. */
export function layOutParameters<Parameter extends Omit<ParameterSpec, 'offset'>>(
  parameters: readonly Parameter[],
): { readonly parameters: readonly (Parameter & ParameterSpec)[]; readonly parameterCount: number } {
  let offset = 0;
  const placed = parameters.map((parameter) => {
    const start = offset;
    offset += elementCount(parameter.shape);
    return { ...parameter, offset: start };
  });
  return { parameters: placed, parameterCount: offset };
}

/** The parameters cut out of a flat vector that is an input: for training. */
export function slicedParameters(graph: Graph, network: Network, vector: Value): Parameters {
  return new Map(
    network.parameters.map(({ name, shape, offset }) => {
      const part = slice(graph, vector, [{ axis: 0, start: offset, end: offset + elementCount(shape) }]);
      return [name, reshape(graph, part, shape)];
    }),
  );
}

/**
 * What to differentiate by, in the network's order, each flat in its own axis: the parts of the vector behind `slicedParameters`. A network may reshape a
 * parameter, and two reshapes are folded into one, which goes past the parameter itself.
 */
export function partsBehind({ parameters }: Network, sliced: Parameters): Value[] {
  return parameters.map(({ name }) => {
    const value = present(sliced.get(name), `parameter ${name}`);
    return sourceOf(value, 'Reshape')?.inputs[0] ?? value;
  });
}

/** The parameters as constants: ONNX Runtime then packs weights and fuses, which makes a frozen model up to 1.7 times faster. */
export function bakedParameters(graph: Graph, network: Network, vector: Float32Array): Parameters {
  return new Map(
    network.parameters.map(({ name, shape, offset }) => {
      const values = vector.subarray(offset, offset + elementCount(shape));
      return [name, graph.constant(float32(shape, values), name)];
    }),
  );
}
