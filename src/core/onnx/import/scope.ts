/** @file The names of a model file while it is imported: what is computed already, and the weights, which become constants on demand. */
import type { Graph, Value } from '../../graph/graph.ts';
import { isFloat, type Tensor } from '../../tensor/tensor.ts';
import { asFloat32 } from './as-float32.ts';
import type { OperandRole } from './import-site.ts';

/**
 * Names that exporters invent for constants they computed: PyTorch's begin with a slash, TensorFlow's end as the operand x or y of an
 * operator. A weight that a module holds keeps the module's name, which in TensorFlow holds slashes too.
 */
const INVENTED_NAME =
  /^(onnx::|\/|_val_|val_|\d+$)|\/[xy](:\d+)?$|[Cc]onst(ant)?(_|:|$|\d)|_(output|folded|const)(_|$)/;

export class Scope {
  readonly #graph: Graph;
  readonly #initializers: Map<string, Tensor>;
  readonly #outer: Scope | null;
  readonly #values = new Map<string, Value>();
  readonly #unnamed = new Set<string>();
  /** One constant per weight that is not a parameter, and one per parameter. */
  readonly #plain = new Map<string, Value>();
  readonly #named = new Map<string, Value>();

  constructor(graph: Graph, initializers: ReadonlyMap<string, Tensor>, outer: Scope | null) {
    this.#graph = graph;
    this.#initializers = new Map(initializers);
    this.#outer = outer;
  }

  define(name: string, value: Value): void {
    this.#values.set(name, value);
  }

  /** Adds a weight that was made from another one when the file was read. Its name says nothing: only its place can make it a parameter. */
  defineWeight(name: string, tensor: Tensor): void {
    this.#initializers.set(name, tensor);
    this.#unnamed.add(name);
  }

  holdsWeight(name: string): boolean {
    const tensor = this.#values.has(name) ? undefined : this.#initializers.get(name);
    return tensor === undefined ? (this.#outer?.holdsWeight(name) ?? false) : isFloat(tensor.dtype);
  }

  /** The value of `name`; null where nothing has that name. */
  resolve(name: string, role: OperandRole): Value | null {
    const value = this.#values.get(name);
    if (value !== undefined) return value;
    const tensor = this.#initializers.get(name);
    if (tensor === undefined) return this.#outer?.resolve(name, role) ?? null;
    const isNamed = !this.#unnamed.has(name) && !INVENTED_NAME.test(name);
    const isParameter = isFloat(tensor.dtype) && countsAsParameter(tensor, isNamed, role);
    return isParameter ? this.#parameter(name, tensor) : this.#constant(name, tensor);
  }

  /** As an operand of no special place; null for the empty name too. */
  peek(name: string): Value | null {
    return name === '' ? null : this.resolve(name, 'value');
  }

  #parameter(name: string, tensor: Tensor): Value {
    const known = this.#named.get(name);
    if (known !== undefined) return known;
    const made = this.#graph.constant(asFloat32(tensor), name);
    this.#named.set(name, made);
    return made;
  }

  #constant(name: string, tensor: Tensor): Value {
    const known = this.#plain.get(name);
    if (known !== undefined) return known;
    const made = this.#graph.constant(asFloat32(tensor));
    this.#plain.set(name, made);
    return made;
  }
}

function countsAsParameter({ shape }: Tensor, isNamed: boolean, role: OperandRole): boolean {
  if (role === 'frozen') return false;
  if (role === 'parameter') return true;
  return shape.length > 0 && isNamed;
}
