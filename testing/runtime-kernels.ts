/** @file Nodes as ONNX Runtime's own kernels compute them, and as the operators do into which they are imported. */
import { Random } from '../src/core/base/random.ts';
import { interpret } from '../src/core/execution/reference-interpreter.ts';
import { importModel } from '../src/core/onnx/import/import-model.ts';
import { floatAttribute, intAttribute, intsAttribute, stringAttribute } from '../src/core/onnx/model.ts';
import type { OnnxAttribute, OnnxModel } from '../src/core/onnx/model.ts';
import { writeModel } from '../src/core/onnx/write-model.ts';
import {
  elementCount,
  numbersOf,
  sameShape,
  tensorOf,
  type Shape,
  type Tensor,
} from '../src/core/tensor/tensor.ts';
import { onnxModel, onnxNode } from './onnx-models.ts';
import { runProgram } from './sessions.ts';

export interface KernelNode {
  readonly op: string;
  /** Whole numbers become ints: an attribute that is a float must not be whole here. */
  readonly attributes?: Readonly<Record<string, number | string | readonly number[]>>;
  /** Shapes of what is fed. */
  readonly fed: readonly Shape[];
  /** Inputs after those, known when the node is imported: a shape is drawn, a tensor taken as it is, null left out. */
  readonly known?: readonly (Shape | Tensor | null)[];
  readonly outputCount?: number;
}

export const floats = (...numbers: number[]): Tensor => tensorOf('float32', [numbers.length], numbers);
export const integers = (...numbers: number[]): Tensor => tensorOf('int64', [numbers.length], numbers);

function attributeOf(setting: number | string | readonly number[]): OnnxAttribute {
  if (typeof setting === 'string') return stringAttribute(setting);
  if (typeof setting !== 'number') return intsAttribute(setting);
  return Number.isInteger(setting) ? intAttribute(setting) : floatAttribute(setting);
}

function isTensor(given: Shape | Tensor): given is Tensor {
  return !Array.isArray(given);
}

interface KernelModel {
  readonly model: OnnxModel;
  readonly feeds: Record<string, Tensor>;
}

/** All nodes side by side in one model: opening a session takes longer than running it. */
function modelOf(opset: number, nodes: readonly KernelNode[]): KernelModel {
  const feeds: Record<string, Tensor> = {};
  const initializers: Record<string, Tensor> = {};
  const random = new Random(7, 'testing/runtime-kernels');
  const draw = (shape: Shape) => {
    const numbers = Array.from({ length: elementCount(shape) }, () => random.normal());
    return tensorOf('float32', shape, numbers);
  };
  const written = nodes.map(({ op, attributes = {}, fed, known = [], outputCount = 1 }, node) => {
    const names = fed.map((shape, index) => {
      feeds[`x${node}.${index}`] = draw(shape);
      return `x${node}.${index}`;
    });
    for (const [index, given] of known.entries()) {
      const name = `w${node}.${index}`;
      if (given !== null) initializers[name] = isTensor(given) ? given : draw(given);
      names.push(given === null ? '' : name);
    }
    const outputs = Array.from({ length: outputCount }, (_, index) => `y${node}.${index}`);
    const settings = Object.entries(attributes).map(([key, setting]) => [key, attributeOf(setting)] as const);
    return onnxNode(op, names, outputs, Object.fromEntries(settings));
  });
  const outputs = written.flatMap((node) => node.outputs);
  const inputs = new Map(Object.entries(feeds));
  return { model: onnxModel({ opset, inputs, initializers, nodes: written, outputs }), feeds };
}

/** The largest difference of each node's outputs, relative to the output's largest element; infinite where shapes differ. */
export async function kernelDifferences(opset: number, nodes: readonly KernelNode[]): Promise<number[]> {
  const { model, feeds } = modelOf(opset, nodes);
  const inputShapes = new Map(Object.entries(feeds).map(([name, { shape }]) => [name, shape]));
  const { graph, outputs } = importModel(model, { inputShapes });
  const ours = interpret(graph, [...outputs.values()], feeds);
  const types = new Map([...outputs].map(([name, { type }]) => [name, type]));
  const onnx = writeModel({ ...model, outputs: types });
  const theirs = await runProgram({ onnx, inputs: new Map(Object.entries(feeds)), outputs: types }, feeds);
  const worst = nodes.map(() => 0);
  [...outputs.keys()].forEach((name, index) => {
    const node = Number(name.slice(1).split('.')[0]);
    worst[node] = Math.max(worst[node]!, differenceOf(ours[index]!, theirs[name]!));
  });
  return worst;
}

function differenceOf(found: Tensor, expected: Tensor): number {
  if (!sameShape(found.shape, expected.shape)) return Infinity;
  const [ours, theirs] = [numbersOf(found), numbersOf(expected)];
  const scale = Math.max(...Array.from(theirs, Math.abs));
  return Math.max(...Array.from(theirs, (number, index) => Math.abs(number - ours[index]!))) / scale;
}
