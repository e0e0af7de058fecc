/**
 * @file Models exported by PyTorch with what they must give, as bench/torch/references.py writes them: an ONNX file, a JSON document that
 * says where each tensor lies, and the numbers as little-endian float32.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gradients } from '../src/core/compiler/differentiate.ts';
import type { Feeds } from '../src/core/execution/executor.ts';
import type { Value } from '../src/core/graph/graph.ts';
import { crossEntropy } from '../src/core/nn/losses.ts';
import { importModel } from '../src/core/onnx/import/import-model.ts';
import type { ImportedModel } from '../src/core/onnx/import/imported-model.ts';
import { readModel } from '../src/core/onnx/read-model.ts';
import { constant, mul, sub, sum } from '../src/core/ops/build.ts';
import { elementCount, tensorOf, type DType, type Shape } from '../src/core/tensor/tensor.ts';

interface TensorPlace {
  readonly shape: Shape;
  readonly dtype: DType;
  /** Of its first number. */
  readonly offset: number;
}

interface GradientPlace {
  /** Its name in the PyTorch model, and in the file. */
  readonly parameter: string;
  readonly initializer: string;
  /** In the file. */
  readonly shape: Shape;
  readonly offset: number;
  /** [N, …shape] */
  readonly perSampleOffset: number;
}

interface CaseDocument {
  readonly inputs: Readonly<Record<string, TensorPlace>>;
  readonly output: TensorPlace;
  readonly loss: 'cross-entropy' | 'squared-error';
  readonly targets: TensorPlace;
  readonly gradients: readonly GradientPlace[];
  /** Parameters of the PyTorch model that the file does not hold. */
  readonly unmatched: readonly string[];
}

export interface ReferenceGradient {
  readonly parameter: string;
  readonly initializer: string;
  /** Of the loss summed over the batch. */
  readonly whole: Float32Array;
  /** One after another. */
  readonly perSample: Float32Array;
}

export interface ModelCase {
  readonly onnx: Uint8Array;
  readonly feeds: Feeds;
  readonly targets: readonly number[];
  readonly output: Float32Array;
  readonly loss: CaseDocument['loss'];
  readonly gradients: readonly ReferenceGradient[];
  readonly parameterCount: number;
}

export async function readModelCase(folder: string, name: string): Promise<ModelCase> {
  const file = (extension: string) => readFile(path.join(folder, `${name}.${extension}`));
  const [onnx, json, blob] = await Promise.all([file('onnx'), file('json'), file('bin')]);
  const document = JSON.parse(json.toString()) as CaseDocument;
  const numbers = new Float32Array(blob.buffer.slice(blob.byteOffset, blob.byteOffset + blob.byteLength));
  const at = ({ shape, offset }: Pick<TensorPlace, 'shape' | 'offset'>) =>
    numbers.subarray(offset, offset + elementCount(shape));
  const batchSize = document.output.shape[0]!;
  return {
    onnx,
    feeds: Object.fromEntries(
      Object.entries(document.inputs).map(([key, place]) => [
        key,
        tensorOf(place.dtype, place.shape, at(place)),
      ]),
    ),
    targets: [...at(document.targets)],
    output: at(document.output),
    loss: document.loss,
    gradients: document.gradients.map(({ parameter, initializer, shape, offset, perSampleOffset }) => ({
      parameter,
      initializer,
      whole: at({ shape, offset }),
      perSample: at({ shape: [batchSize, ...shape], offset: perSampleOffset }),
    })),
    parameterCount: document.gradients.length + document.unmatched.length,
  };
}

export interface LoadedCase {
  readonly model: ImportedModel;
  readonly output: Value;
  /** [N] */
  readonly losses: Value;
}

/** The case's model, imported for the batch of its feeds, with the loss of each sample. */
export function importCase({ onnx, feeds, targets, loss }: ModelCase): LoadedCase {
  const inputShapes = new Map(Object.entries(feeds).map(([name, { shape }]) => [name, shape]));
  const model = importModel(readModel(onnx), { inputShapes });
  const output = [...model.outputs.values()][0]!;
  const { graph } = model;
  const { shape } = output.type;
  if (loss === 'cross-entropy') {
    const oneHot = targets.flatMap((target) =>
      Array.from({ length: shape[1]! }, (_, c) => Number(c === target)),
    );
    return { model, output, losses: crossEntropy(graph, output, constant(graph, shape, oneHot)) };
  }
  const difference = sub(graph, output, constant(graph, shape, targets));
  const axes = shape.slice(1).map((_, axis) => axis + 1);
  return { model, output, losses: mul(graph, sum(graph, mul(graph, difference, difference), { axes }), 0.5) };
}

/** The references whose parameter the import found, with the gradient of the summed loss by each. */
export function caseGradients(
  { model, losses }: LoadedCase,
  references: readonly ReferenceGradient[],
): { found: ReferenceGradient[]; values: Value[] } {
  const found = references.filter(({ initializer }) => model.parameters.has(initializer));
  const parameters = found.map(({ initializer }) => model.parameters.get(initializer)!);
  return { found, values: gradients(model.graph, sum(model.graph, losses), parameters) };
}

/** Below this part of the largest gradient a float64 gradient is rounding: its exact value is zero. */
const ROUNDING = 1e-10;

/**
 * The largest error of each tensor, relative to the largest element of its reference; where that is zero up to rounding (such as the
 * gradient of a bias of attention keys), relative to the largest of all.
 */
export function relativeErrors(
  found: readonly ArrayLike<number>[],
  expected: readonly ArrayLike<number>[],
): number[] {
  const scales = expected.map(largest);
  const whole = Math.max(0, ...scales);
  return expected.map((reference, index) => {
    const tensor = found[index]!;
    let worst = tensor.length === reference.length ? 0 : Infinity;
    for (let k = 0; k < reference.length; k++) {
      const error = Math.abs(tensor[k]! - reference[k]!);
      // NaN is an error too.
      if (!(error <= worst)) worst = Number.isNaN(error) ? Infinity : error;
    }
    return worst / (scales[index]! > ROUNDING * whole ? scales[index]! : whole);
  });
}

function largest(numbers: ArrayLike<number>): number {
  let most = 0;
  for (let index = 0; index < numbers.length; index++) most = Math.max(most, Math.abs(numbers[index]!));
  return most;
}
