/** @file Small ONNX models for tests, written as values: what an exporter would have put in a file. */
import { importModel } from '../src/core/onnx/import/import-model.ts';
import type { ImportedModel } from '../src/core/onnx/import/imported-model.ts';
import type { OnnxAttribute, OnnxModel, OnnxNode } from '../src/core/onnx/model.ts';
import { interpret } from '../src/core/execution/reference-interpreter.ts';
import { numbersOf, tensorOf, type DType, type Shape, type Tensor } from '../src/core/tensor/tensor.ts';

type Attributes = Readonly<Record<string, OnnxAttribute>>;

export function onnxNode(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Attributes = {},
): OnnxNode {
  const [domain, type] = opType.includes('.') ? splitDomain(opType) : ['', opType];
  return {
    opType: type,
    domain,
    name: `${type}_of_${outputs[0] ?? ''}`,
    inputs,
    outputs,
    attributes: new Map(Object.entries(attributes)),
  };
}

/** 'com.microsoft.QuickGelu' → 'com.microsoft' and 'QuickGelu'. */
function splitDomain(opType: string): [string, string] {
  const end = opType.lastIndexOf('.');
  return [opType.slice(0, end), opType.slice(end + 1)];
}

export interface ModelParts {
  readonly opset?: number;
  readonly inputs?: OnnxModel['inputs'];
  readonly initializers?: Readonly<Record<string, Tensor>>;
  readonly nodes: readonly OnnxNode[];
  readonly outputs: readonly string[];
}

export function onnxModel({
  opset = 17,
  inputs = new Map(),
  initializers = {},
  nodes,
  outputs,
}: ModelParts): OnnxModel {
  return {
    producer: 'test',
    irVersion: 8,
    opsets: new Map([
      ['', opset],
      ['com.microsoft', 1],
    ]),
    functions: [],
    graphName: 'test',
    inputs,
    outputs: new Map(outputs.map((name) => [name, null])),
    initializers: new Map(Object.entries(initializers)),
    nodes,
  };
}

/** An input of a node under test: fed when the model runs, known when it is imported, or left out. */
export type TestInput = { readonly tensor: Tensor; readonly isFed: boolean } | null;

export function fed(shape: Shape, numbers: ArrayLike<number>, dtype: DType = 'float32'): TestInput {
  return { tensor: tensorOf(dtype, shape, numbers), isFed: true };
}

export function known(shape: Shape, numbers: ArrayLike<number>, dtype: DType = 'int64'): TestInput {
  return { tensor: tensorOf(dtype, shape, numbers), isFed: false };
}

export interface NodeCase {
  readonly opset?: number;
  readonly attributes?: Attributes;
  readonly outputCount?: number;
}

/** A model of one node: its inputs are called x0, x1, …, its outputs y0, y1, …. */
export function importNode(
  opType: string,
  given: readonly TestInput[],
  { opset, attributes = {}, outputCount = 1 }: NodeCase = {},
): { model: ImportedModel; feeds: Record<string, Tensor> } {
  const names = given.map((input, index) => (input === null ? '' : `x${index}`));
  const outputs = Array.from({ length: outputCount }, (_, index) => `y${index}`);
  const pick = (isFed: boolean): [string, Tensor][] =>
    given.flatMap((input, index): [string, Tensor][] =>
      input !== null && input.isFed === isFed ? [[names[index]!, input.tensor]] : [],
    );
  const feeds = Object.fromEntries(pick(true));
  const source = onnxModel({
    ...(opset === undefined ? {} : { opset }),
    inputs: new Map(pick(true)),
    initializers: Object.fromEntries(pick(false)),
    nodes: [onnxNode(opType, names, outputs, attributes)],
    outputs,
  });
  const inputShapes = new Map(pick(true).map(([name, { shape }]) => [name, shape]));
  return { model: importModel(source, { inputShapes }), feeds };
}

export interface NodeResult {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly numbers: number[];
}

/** What a node of one operator gives on the inputs, by the reference semantics. */
export function runNode(opType: string, given: readonly TestInput[], options: NodeCase = {}): NodeResult[] {
  const { model, feeds } = importNode(opType, given, options);
  const values = [...model.outputs.values()];
  return interpret(model.graph, values, feeds).map((tensor, index) => ({
    shape: tensor.shape,
    dtype: values[index]!.type.dtype,
    numbers: Array.from(numbersOf(tensor)),
  }));
}
