/** @file Layers → graph. Leaves a tap at every layer with parameters, from which per-sample gradients are formed. */
import { present } from '../base/assert.ts';
import { shapeOf, type Graph, type Value } from '../graph/graph.ts';
import type { ConvGeometry } from '../graph/op-attributes.ts';
import {
  add,
  alongChannels,
  conv,
  convGeometry,
  flatten,
  matMul,
  maxPool,
  mul,
  relu,
  reshape,
  standardize,
} from '../ops/build.ts';
import { dropoutInputName } from './dropout.ts';
import type { Layer } from './layers.ts';
import type { Forward, ForwardOptions, Parameters } from './network.ts';

/** What a layer's parameters saw (`input`) and made (`output`): enough to form their gradients, summed or per sample. */
export type Tap =
  | {
      readonly kind: 'conv';
      readonly name: string;
      readonly input: Value;
      readonly output: Value;
      readonly geometry: ConvGeometry;
      readonly weightShape: readonly number[];
      readonly bias: boolean;
    }
  | {
      readonly kind: 'linear';
      readonly name: string;
      /** [N, in] and [N, out] */
      readonly input: Value;
      readonly output: Value;
    }
  /** output = scale·input + shift, per channel. */
  | { readonly kind: 'affine'; readonly name: string; readonly input: Value; readonly output: Value };

export interface TappedForward extends Forward {
  readonly taps: readonly Tap[];
}

export function forwardLayers(
  graph: Graph,
  layers: readonly Layer[],
  images: Value,
  parameters: Parameters,
  { withDropout = false }: ForwardOptions = {},
): TappedForward {
  const pass = new ForwardPass(graph, parameters, withDropout);
  const logits = pass.runAll(layers, images);
  const lastLinear = present(
    pass.taps.findLast((tap) => tap.kind === 'linear'),
    'a linear layer',
  );
  return { logits, embedding: lastLinear.input, taps: pass.taps };
}

class ForwardPass {
  readonly taps: Tap[] = [];
  readonly #graph: Graph;
  readonly #parameters: Parameters;
  readonly #withDropout: boolean;

  constructor(graph: Graph, parameters: Parameters, withDropout: boolean) {
    this.#graph = graph;
    this.#parameters = parameters;
    this.#withDropout = withDropout;
  }

  runAll(layers: readonly Layer[], input: Value): Value {
    return layers.reduce((value, layer) => this.#run(layer, value), input);
  }

  #run(layer: Layer, input: Value): Value {
    const graph = this.#graph;
    switch (layer.kind) {
      case 'conv':
        return this.#conv(layer, input);
      case 'linear':
        return this.#linear(layer, input);
      case 'groupNorm':
        return this.#groupNorm(layer, input);
      case 'relu':
        return relu(graph, input);
      case 'maxPool':
        return layer.size === 1 ? input : maxPool(graph, input, layer.size);
      case 'flatten':
        return flatten(graph, input);
      case 'dropout':
        return this.#dropout(layer, input);
      case 'residual':
        return add(graph, input, this.runAll(layer.layers, input));
    }
  }

  #conv(layer: Extract<Layer, { kind: 'conv' }>, input: Value): Value {
    const weight = this.#parameter(`${layer.name}.weight`);
    const bias = layer.bias ? this.#parameter(`${layer.name}.bias`) : null;
    const geometry = convGeometry({ pads: layer.padding });
    const output = conv(this.#graph, input, weight, { pads: layer.padding, bias });
    this.taps.push({
      kind: 'conv',
      name: layer.name,
      input,
      output,
      geometry,
      weightShape: shapeOf(weight),
      bias: layer.bias,
    });
    return output;
  }

  #linear({ name }: Extract<Layer, { kind: 'linear' }>, input: Value): Value {
    const graph = this.#graph;
    const product = matMul(graph, input, this.#parameter(`${name}.weight`), { transposeB: true });
    const output = add(graph, product, this.#parameter(`${name}.bias`));
    this.taps.push({ kind: 'linear', name, input, output });
    return output;
  }

  #groupNorm({ name, groups }: Extract<Layer, { kind: 'groupNorm' }>, input: Value): Value {
    const graph = this.#graph;
    const shape = shapeOf(input);
    const grouped = reshape(graph, input, [shape[0]!, groups, -1]);
    const standardized = reshape(graph, standardize(graph, grouped, 1e-5).standardized, shape);
    const scale = alongChannels(graph, this.#parameter(`${name}.scale`), shape.length);
    const shift = alongChannels(graph, this.#parameter(`${name}.shift`), shape.length);
    const output = add(graph, mul(graph, standardized, scale), shift);
    this.taps.push({ kind: 'affine', name, input: standardized, output });
    return output;
  }

  #dropout({ name, shape }: Extract<Layer, { kind: 'dropout' }>, input: Value): Value {
    if (!this.#withDropout) return input;
    const maskShape = [shapeOf(input)[0]!, ...shape];
    const mask = this.#graph.input(dropoutInputName(name), { dtype: 'float32', shape: maskShape });
    return mul(this.#graph, input, mask);
  }

  #parameter(name: string): Value {
    return present(this.#parameters.get(name), `parameter ${name}`);
  }
}
