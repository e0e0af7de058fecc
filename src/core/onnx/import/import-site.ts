/** @file One node of a model file as its import rule sees it: typed access to inputs and attributes, and a way to refuse. */
import { AppError } from '../../base/app-error.ts';
import type { Graph, Value } from '../../graph/graph.ts';
import { numbersOf, type Shape, type Tensor } from '../../tensor/tensor.ts';
import type { OnnxAttribute, OnnxNode } from '../model.ts';

/**
 * What a weight of the file is wanted for. 'parameter': a place where models keep what they learn, such as a filter; 'value': any other
 * operand, which is a parameter only if it bears a name that its author gave; 'frozen': never, such as the running mean of a BatchNorm.
 */
export type OperandRole = 'parameter' | 'value' | 'frozen';

export interface ImportSiteContext {
  readonly graph: Graph;
  readonly node: OnnxNode;
  /** Version of the operator set that the node's domain is read by. */
  readonly opset: number;
  /** The value of a name; null for the empty name. */
  readonly resolve: (name: string, role: OperandRole) => Value | null;
}

/** What to call a node in a message: many files name only the values. */
export function nodeLabel({ name, outputs }: OnnxNode): string {
  return name === '' ? (outputs.find((output) => output !== '') ?? '(unnamed)') : name;
}

type AttributeValues = { [One in OnnxAttribute as One['kind']]: One['value'] };

export class ImportSite {
  readonly graph: Graph;
  readonly node: OnnxNode;
  readonly opset: number;
  readonly #resolve: ImportSiteContext['resolve'];

  constructor({ graph, node, opset, resolve }: ImportSiteContext) {
    this.graph = graph;
    this.node = node;
    this.opset = opset;
    this.#resolve = resolve;
  }

  get inputCount(): number {
    return this.node.inputs.length;
  }

  /** How many outputs the file names, trailing empty ones left out. */
  get outputCount(): number {
    return this.node.outputs.findLastIndex((name) => name !== '') + 1;
  }

  input(index: number, role: OperandRole = 'value'): Value {
    return this.optional(index, role) ?? this.refuse(`input ${index + 1} is missing`);
  }

  optional(index: number, role: OperandRole = 'value'): Value | null {
    return this.#resolve(this.node.inputs[index] ?? '', role);
  }

  has(index: number): boolean {
    return (this.node.inputs[index] ?? '') !== '';
  }

  inputs(role: OperandRole = 'value'): Value[] {
    return this.node.inputs.map((_, index) => this.input(index, role));
  }

  /** The tensor of an input that is known when the file is read; null where it depends on the image. */
  knownTensor(index: number): Tensor | null {
    const source = this.optional(index, 'frozen')?.source;
    return source?.kind === 'constant' ? source.tensor : null;
  }

  /** The numbers of an input that must be known when the file is read, such as the shape of a Reshape; null where it is not given. */
  numbers(index: number, what: string): number[] | null {
    if (!this.has(index)) return null;
    const tensor = this.knownTensor(index);
    return tensor === null
      ? this.refuse(`its input “${what}” depends on the image; only fixed values are supported`)
      : Array.from(numbersOf(tensor));
  }

  /** An attribute in older operator sets, an input in newer ones. */
  attributeOrNumbers(attribute: string, index: number): number[] | null {
    const found = this.attribute(attribute);
    if (found?.kind === 'ints') return [...found.value];
    if (found?.kind === 'floats') return [...found.value];
    return this.numbers(index, attribute);
  }

  attribute(name: string): OnnxAttribute | null {
    return this.node.attributes.get(name) ?? null;
  }

  int(name: string, otherwise: number): number {
    return this.#typed(name, 'int') ?? otherwise;
  }

  float(name: string, otherwise: number): number {
    return this.#typed(name, 'float') ?? otherwise;
  }

  text(name: string, otherwise: string): string {
    return this.#typed(name, 'string') ?? otherwise;
  }

  ints(name: string): readonly number[] | null {
    return this.#typed(name, 'ints');
  }

  floats(name: string): readonly number[] | null {
    return this.#typed(name, 'floats');
  }

  shapeOf(index: number): Shape {
    return this.input(index, 'frozen').type.shape;
  }

  refuse(reason: string): never {
    const { opType, domain } = this.node;
    throw new AppError('model-unsupported', {
      node: nodeLabel(this.node),
      op: domain === '' ? opType : `${domain}.${opType}`,
      reason,
    });
  }

  #typed<Kind extends OnnxAttribute['kind']>(name: string, kind: Kind): AttributeValues[Kind] | null {
    const found = this.attribute(name);
    if (found === null) return null;
    if (found.kind !== kind) this.refuse(`attribute ${name} is of kind ${found.kind}, expected ${kind}`);
    return found.value as AttributeValues[Kind];
  }
}
