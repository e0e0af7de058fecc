/** @file Layers → graph. */
import { present } from '../base/assert.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { add, conv, flatten, groupNorm, matMul, maxPool, mul, relu } from '../ops/build.ts';
import { dropoutInputName } from './dropout.ts';
import type { Layer } from './layers.ts';
import type { Forward, ForwardOptions, Masks, Parameters } from './network.ts';

export function forwardLayers(
  graph: Graph,
  layers: readonly Layer[],
  images: Value,
  parameters: Parameters,
  { masks }: ForwardOptions = {},
): Forward {
  const pass = new ForwardPass(graph, parameters, masks ?? null);
  const output = pass.runAll(layers, images);
  return { output, embedding: present(pass.embedding, 'a linear layer') };
}

class ForwardPass {
  /** What the last linear layer saw. */
  embedding: Value | null = null;
  readonly #graph: Graph;
  readonly #parameters: Parameters;
  readonly #masks: Masks | null;

  constructor(graph: Graph, parameters: Parameters, masks: Masks | null) {
    this.#graph = graph;
    this.#parameters = parameters;
    this.#masks = masks;
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
    return conv(this.#graph, input, weight, { pads: layer.padding, bias });
  }

  #linear({ name }: Extract<Layer, { kind: 'linear' }>, input: Value): Value {
    const graph = this.#graph;
    const product = matMul(graph, input, this.#parameter(`${name}.weight`), { transposeB: true });
    this.embedding = input;
    return add(graph, product, this.#parameter(`${name}.bias`));
  }

  #groupNorm({ name, groups }: Extract<Layer, { kind: 'groupNorm' }>, input: Value): Value {
    const graph = this.#graph;
    const [scale, shift] = [this.#parameter(`${name}.scale`), this.#parameter(`${name}.shift`)];
    return groupNorm(graph, input, scale, shift, groups);
  }

  #dropout({ name }: Extract<Layer, { kind: 'dropout' }>, input: Value): Value {
    if (this.#masks === null) return input;
    const inputName = dropoutInputName(name);
    return mul(this.#graph, input, present(this.#masks.get(inputName), inputName));
  }

  #parameter(name: string): Value {
    return present(this.#parameters.get(name), `parameter ${name}`);
  }
}
