/** @file Collects ONNX nodes and initializers while a graph is lowered. Names are counted, so equal graphs get equal names. */
import { assert } from '../../base/assert.ts';
import { intAttribute, intsAttribute, type OnnxAttribute, type OnnxNode } from '../../onnx/model.ts';
import { elementCount, tensorOf, type DType, type Shape, type Tensor } from '../../tensor/tensor.ts';

export type Attributes = Readonly<Record<string, OnnxAttribute>>;

export class OnnxEmitter {
  readonly nodes: OnnxNode[] = [];
  readonly initializers = new Map<string, Tensor>();
  readonly #makers = new Map<string, OnnxNode>();
  readonly #outputsByKey = new Map<string, readonly string[]>();
  readonly #sharedNames = new Map<string, string>();
  readonly #reserved: ReadonlySet<string>;

  /** `reserved` are names that the graph brings along: a model of any origin may call its input `Relu_0`. */
  constructor(reserved: ReadonlySet<string> = new Set()) {
    this.#reserved = reserved;
  }

  /** Adds a node with one output and returns that output's name. */
  emit(opType: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.emitAll(opType, inputs, attributes, 1)[0]!;
  }

  /** An equal node that is there already is taken: lowerings may ask again for what another one needed. */
  emitAll(
    opType: string,
    inputs: readonly string[],
    attributes: Attributes,
    outputCount: number,
    domain = '',
  ): readonly string[] {
    const key = `${domain}|${opType}|${inputs.join()}|${JSON.stringify(attributes)}|${outputCount}`;
    const known = this.#outputsByKey.get(key);
    if (known !== undefined) return known;
    const outputs = this.#addNode({ opType, domain }, inputs, attributes, outputCount);
    this.#outputsByKey.set(key, outputs);
    return outputs;
  }

  #addNode(
    { opType, domain }: Pick<OnnxNode, 'opType' | 'domain'>,
    inputs: readonly string[],
    attributes: Attributes,
    outputCount: number,
  ): readonly string[] {
    const name = this.#unreserved(`${opType}_${this.nodes.length}`);
    const outputs = Array.from({ length: outputCount }, (_, index) =>
      index === 0 ? name : this.#unreserved(`${name}_${index}`),
    );
    const node: OnnxNode = {
      opType,
      domain,
      name,
      inputs,
      outputs,
      attributes: new Map(Object.entries(attributes)),
    };
    this.nodes.push(node);
    this.#makers.set(name, node);
    return outputs;
  }

  /** An initializer under a name of its own, or a counted one. */
  initializer(tensor: Tensor, name = this.#unreserved(`constant_${this.initializers.size}`)): string {
    assert(!this.initializers.has(name), `two constants are called ${name}`);
    this.initializers.set(name, tensor);
    return name;
  }

  #unreserved(name: string): string {
    return this.#reserved.has(name) ? this.#unreserved(`${name}'`) : name;
  }

  /** An initializer that is made once per key. */
  shared(key: string, make: () => Tensor): string {
    const known = this.#sharedNames.get(key);
    if (known !== undefined) return known;
    const name = this.initializer(make());
    this.#sharedNames.set(key, name);
    return name;
  }

  int64s(values: readonly number[]): string {
    return this.shared(`int64s:${values.join()}`, () => ({
      dtype: 'int64',
      shape: [values.length],
      data: BigInt64Array.from(values, BigInt),
    }));
  }

  /** A tensor of one repeated number; [] is a scalar. */
  filled(dtype: DType, shape: Shape, value: number): string {
    return this.shared(`filled:${dtype}:${shape.join()}:${value}`, () => filledTensor(dtype, shape, value));
  }

  /** Of a reshaped tensor, only the last shape counts. */
  reshape(input: string, shape: Shape): string {
    const earlier = this.#makers.get(input);
    if (earlier?.opType === 'Reshape') return this.reshape(earlier.inputs[0]!, shape);
    return this.emit('Reshape', [input, this.int64s(shape)], { allowzero: intAttribute(1) });
  }

  /** Two transposes in a row become one, or none. */
  transpose(input: string, permutation: readonly number[]): string {
    const earlier = this.#makers.get(input);
    const first = earlier?.opType === 'Transpose' ? earlier.attributes.get('perm') : undefined;
    if (earlier !== undefined && first?.kind === 'ints') {
      const total = permutation.map((axis) => first.value[axis]!);
      return this.transpose(earlier.inputs[0]!, total);
    }
    if (permutation.every((axis, index) => axis === index)) return input;
    return this.emit('Transpose', [input], { perm: intsAttribute(permutation) });
  }
}

function filledTensor(dtype: DType, shape: Shape, value: number): Tensor {
  return tensorOf(dtype, shape, new Float64Array(elementCount(shape)).fill(value));
}
