/** @file Layers of networks written as exporters of PyTorch write them, node by node, into one ONNX model of `batch` samples. */
import { Random } from '../src/core/base/random.ts';
import {
  floatAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
  type OnnxModel,
  type OnnxNode,
  type OnnxValueType,
} from '../src/core/onnx/model.ts';
import { elementCount, float32, tensorOf, type Shape, type Tensor } from '../src/core/tensor/tensor.ts';
import { onnxModel, onnxNode } from './onnx-models.ts';

/** The numbers of a weight of this name and shape. */
export type DrawWeight = (name: string, shape: Shape) => Tensor<'float32'>;

/** Of a size that keeps what passes through at about the size that it had. */
export const drawnWeight: DrawWeight = (name, shape) => {
  const random = new Random(6, name);
  const inputs = elementCount(shape.slice(1));
  const scale = name.endsWith('bias') || name.endsWith('embedding.weight') ? 0.1 : 1 / Math.sqrt(inputs);
  const start = shape.length === 1 && name.endsWith('weight') ? 1 : 0;
  return float32(
    shape,
    Float32Array.from({ length: elementCount(shape) }, () => start + scale * random.normal()),
  );
};

/** [batch, channels, side, side], by the name of its tensor. */
export interface FeatureMap {
  readonly name: string;
  readonly channels: number;
  readonly side: number;
}

export class LayerWriter {
  readonly #draw: DrawWeight;
  readonly #inputs = new Map<string, OnnxValueType>();
  readonly #initializers: Record<string, Tensor> = {};
  readonly #nodes: OnnxNode[] = [];

  constructor(draw: DrawWeight = drawnWeight) {
    this.#draw = draw;
  }

  input(name: string, dtype: 'float32' | 'int64', shape: readonly (string | number)[]): string {
    this.#inputs.set(name, { dtype, shape });
    return name;
  }

  finish(output: string, name: string): OnnxModel {
    this.#nodes.push(onnxNode('Identity', [output], [name]));
    return onnxModel({
      inputs: this.#inputs,
      initializers: this.#initializers,
      nodes: this.#nodes,
      outputs: [name],
    });
  }

  weight(name: string, shape: Shape): string {
    this.#initializers[name] = this.#draw(name, shape);
    return name;
  }

  whole(...numbers: number[]): string {
    const name = `whole ${numbers.join(' ')}`;
    this.#initializers[name] = tensorOf('int64', [numbers.length], numbers);
    return name;
  }

  number(value: number): string {
    const name = `number ${value}`;
    this.#initializers[name] = float32([], Float32Array.of(value));
    return name;
  }

  constant(name: string, shape: Shape, numbers: Float32Array): string {
    this.#initializers[name] = float32(shape, numbers);
    return name;
  }

  node(opType: string, inputs: readonly string[], attributes: Parameters<typeof onnxNode>[3] = {}): string {
    const output = `${opType} ${this.#nodes.length}`;
    this.#nodes.push(onnxNode(opType, inputs, [output], attributes));
    return output;
  }

  reshape(value: string, ...shape: number[]): string {
    return this.node('Reshape', [value, this.whole(...shape)]);
  }

  transpose(value: string, ...axes: number[]): string {
    return this.node('Transpose', [value], { perm: intsAttribute(axes) });
  }

  silu(value: string): string {
    return this.node('Mul', [value, this.node('Sigmoid', [value])]);
  }

  /** On the last axis; stored as exporters store it, transposed. */
  linear(value: string, name: string, from: number, to: number, hasBias = true): string {
    const product = this.node('MatMul', [value, this.weight(`${name}.weight`, [from, to])]);
    return hasBias ? this.node('Add', [this.weight(`${name}.bias`, [to]), product]) : product;
  }

  convolution(
    map: FeatureMap,
    name: string,
    channels: number,
    { size = 3, stride = 1, pads }: ConvolutionShape = {},
  ): FeatureMap {
    const weight = this.weight(`${name}.weight`, [channels, map.channels, size, size]);
    const said = this.node('Conv', [map.name, weight, this.weight(`${name}.bias`, [channels])], {
      pads: intsAttribute(pads ?? new Array<number>(4).fill((size - 1) / 2)),
      strides: intsAttribute([stride, stride]),
      kernel_shape: intsAttribute([size, size]),
    });
    return { name: said, channels, side: map.side / stride };
  }

  /** Over groups of channels, as exporters fold it: a normalisation of instances between two reshapes. */
  groupNorm(
    { name: value, channels, side }: FeatureMap,
    name: string,
    groups: number,
    epsilon: number,
  ): FeatureMap {
    const ones = this.constant(`ones ${groups}`, [groups], new Float32Array(groups).fill(1));
    const zeros = this.constant(`zeros ${groups}`, [groups], new Float32Array(groups));
    const grouped = this.reshape(value, 0, groups, -1);
    const standard = this.node('InstanceNormalization', [grouped, ones, zeros], {
      epsilon: floatAttribute(epsilon),
    });
    const back = this.reshape(standard, 0, channels, side, side);
    const scaled = this.node('Mul', [back, this.weight(`${name}.weight`, [channels, 1, 1])]);
    return {
      name: this.node('Add', [scaled, this.weight(`${name}.bias`, [channels, 1, 1])]),
      channels,
      side,
    };
  }

  layerNorm(value: string, name: string, width: number): string {
    return this.node(
      'LayerNormalization',
      [value, this.weight(`${name}.weight`, [width]), this.weight(`${name}.bias`, [width])],
      { axis: intAttribute(-1), epsilon: floatAttribute(1e-5) },
    );
  }

  /** [batch, channels, side, side] → [batch, side², channels] */
  toTokens({ name, channels, side }: FeatureMap): string {
    return this.reshape(this.transpose(name, 0, 2, 3, 1), 0, side ** 2, channels);
  }

  toMap(tokens: string, channels: number, side: number): FeatureMap {
    return {
      name: this.transpose(this.reshape(tokens, 0, side, side, channels), 0, 3, 1, 2),
      channels,
      side,
    };
  }

  add(one: FeatureMap, other: FeatureMap): FeatureMap {
    return { ...one, name: this.node('Add', [one.name, other.name]) };
  }

  concat(one: FeatureMap, other: FeatureMap): FeatureMap {
    const name = this.node('Concat', [one.name, other.name], { axis: intAttribute(1) });
    return { name, channels: one.channels + other.channels, side: one.side };
  }

  /** Nearest neighbours, twice the side. */
  enlarge({ name, channels, side }: FeatureMap): FeatureMap {
    const scales = this.constant('scales', [4], Float32Array.of(1, 1, 2, 2));
    const larger = this.node('Resize', [name, '', scales], {
      mode: stringAttribute('nearest'),
      coordinate_transformation_mode: stringAttribute('asymmetric'),
      nearest_mode: stringAttribute('floor'),
    });
    return { name: larger, channels, side: 2 * side };
  }

  /** softmax(Q·Kᵀ/√d)·V with several heads; `query` [batch, n, width], `context` [batch, m, contextWidth]. `mask` is added to the products. */
  attention(
    query: string,
    context: string,
    name: string,
    {
      width,
      contextWidth = width,
      heads,
      hasBias = false,
      mask = null,
      names = diffusersNames,
    }: AttentionShape,
  ): string {
    const each = width / heads;
    const split = (value: string): string =>
      this.transpose(this.reshape(value, 0, -1, heads, each), 0, 2, 1, 3);
    const asked = split(this.linear(query, `${name}.${names.query}`, width, width, hasBias));
    const keys = split(this.linear(context, `${name}.${names.key}`, contextWidth, width, hasBias));
    const values = split(this.linear(context, `${name}.${names.value}`, contextWidth, width, hasBias));
    const scaled = this.node('Mul', [asked, this.number(1 / Math.sqrt(each))]);
    const products = this.node('MatMul', [scaled, this.transpose(keys, 0, 1, 3, 2)]);
    const seen = mask === null ? products : this.node('Add', [products, mask]);
    const weights = this.node('Softmax', [seen], { axis: intAttribute(-1) });
    const mixed = this.transpose(this.node('MatMul', [weights, values]), 0, 2, 1, 3);
    return this.linear(this.reshape(mixed, 0, -1, width), `${name}.${names.out}`, width, width);
  }
}

interface ConvolutionShape {
  readonly size?: number;
  readonly stride?: number;
  /** Before and after both axes; as many as keep the side where not given. */
  readonly pads?: readonly number[];
}

interface AttentionNames {
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly out: string;
}

export const diffusersNames: AttentionNames = { query: 'to_q', key: 'to_k', value: 'to_v', out: 'to_out.0' };

interface AttentionShape {
  readonly width: number;
  readonly contextWidth?: number;
  readonly heads: number;
  readonly hasBias?: boolean;
  readonly mask?: string | null;
  readonly names?: AttentionNames;
}
