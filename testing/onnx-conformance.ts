/**
 * @file Runs a test case of the ONNX project through the importer: its graph by the reference interpreter in float64, and compiled on an
 * executor, both held against the expected outputs.
 */
import { AppError } from '../src/core/base/app-error.ts';
import { present } from '../src/core/base/assert.ts';
import { compile } from '../src/core/compiler/compile.ts';
import type { Executor } from '../src/core/execution/executor.ts';
import { interpret } from '../src/core/execution/reference-interpreter.ts';
import { importModel } from '../src/core/onnx/import/import-model.ts';
import type { ImportedModel } from '../src/core/onnx/import/imported-model.ts';
import { operatorKey } from '../src/core/onnx/import/import-rules.ts';
import type { OnnxModel } from '../src/core/onnx/model.ts';
import { printShape } from '../src/core/tensor/shape.ts';
import {
  isFloat,
  numbersOf,
  sameShape,
  tensorOf,
  type DType,
  type Tensor,
} from '../src/core/tensor/tensor.ts';
import { readModelFile } from '../src/engine/modelling/read-model-file.ts';
import { readOnnxTestData, type OnnxTestCase, type OnnxTestData } from './onnx-test-cases.ts';
import { tolerances } from './tolerances.ts';

export interface Outcome {
  readonly name: string;
  /** Operators of the model, as the import table names them; none where the model was not read. */
  readonly operators: readonly string[];
  readonly kind: 'passed' | 'refused' | 'failed';
  /** How it passed, why it was refused, or what differed. */
  readonly detail: string;
}

/** Which inputs are known when the model is imported; exporters have shapes, axes and limits as constants. */
const knownInputs = {
  'inputs fed': () => false,
  'integers known': ({ dtype }) => !isFloat(dtype),
  'all but the first known': (_, index) => index > 0,
  'all known': () => true,
} as const satisfies Record<string, (tensor: Tensor, index: number) => boolean>;

type Manner = keyof typeof knownInputs;

/** The reference takes a minute for a convolution of more elements than this; the few such cases run compiled only. */
const REFERENCE_LIMIT = 50_000;

/** Never throws: a bug is a failure of its case. */
export async function runCase(testCase: OnnxTestCase, executor: Executor): Promise<Outcome> {
  const { name } = testCase;
  let operators: readonly string[] = [];
  try {
    const model = readModelFile(testCase.modelFile);
    operators = [...new Set(model.nodes.map(operatorKey))];
    const manners: Manner[] = [];
    for (const dataFolder of testCase.dataFolders) {
      const data = readOnnxTestData(dataFolder);
      const prepared = importWith(model, data);
      const difference = await differenceOf(prepared, data.outputs, executor);
      const { manner } = prepared;
      if (difference !== null) return { name, operators, kind: 'failed', detail: `${manner}: ${difference}` };
      manners.push(manner);
    }
    return { name, operators, kind: 'passed', detail: present(manners[0], 'data of the case') };
  } catch (error) {
    if (error instanceof AppError)
      return { name, operators, kind: 'refused', detail: describeRefusal(error) };
    const detail = error instanceof Error ? error.message : String(error);
    return { name, operators, kind: 'failed', detail };
  }
}

interface Prepared {
  readonly imported: ImportedModel;
  readonly manner: Manner;
  /** The inputs that are not known, by name. */
  readonly fed: ReadonlyMap<string, Tensor>;
}

/** The imported model with as few inputs known as it takes; throws the refusal of the first manner where none is enough. */
function importWith(model: OnnxModel, data: OnnxTestData): Prepared {
  let refusal: unknown = null;
  for (const manner of Object.keys(knownInputs) as Manner[]) {
    try {
      return importKnowing(model, data, manner);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      refusal ??= error;
    }
  }
  throw refusal;
}

function importKnowing(model: OnnxModel, { inputs }: OnnxTestData, manner: Manner): Prepared {
  const fed = new Map<string, Tensor>();
  const initializers = new Map(model.initializers);
  [...model.inputs.keys()].forEach((name, index) => {
    const tensor = present(inputs[index], `data for input ${name}`);
    (knownInputs[manner](tensor, index) ? initializers : fed).set(name, tensor);
  });
  const declared = new Map([...model.inputs].filter(([name]) => fed.has(name)));
  const inputShapes = new Map([...fed].map(([name, { shape }]) => [name, shape]));
  return {
    imported: importModel({ ...model, inputs: declared, initializers }, { inputShapes }),
    manner,
    fed,
  };
}

/** What the first differing output is, by which way of running; null where both ways agree with what is expected. */
async function differenceOf(
  { imported: { graph, inputs, outputs }, fed }: Prepared,
  expected: readonly Tensor[],
  executor: Executor,
): Promise<string | null> {
  const feeds: Record<string, Tensor> = {};
  for (const [name, { type }] of inputs) feeds[name] = convert(present(fed.get(name), name), type.dtype);
  const isSmall = Object.values(feeds).every(({ data }) => data.length <= REFERENCE_LIMIT);
  const reference = isSmall ? interpret(graph, [...outputs.values()], feeds) : null;
  const session = await executor.open(
    compile(graph, Object.fromEntries(outputs), { profile: executor.profile }),
  );
  try {
    const compiled = await session.run(feeds);
    for (const [index, name] of [...outputs.keys()].entries()) {
      const wanted = present(expected[index], `expected output ${name}`);
      const byReference = reference === null ? null : compare(present(reference[index], name), wanted);
      if (byReference !== null) return `${name} by the reference: ${byReference}`;
      const byRuntime = compare(present(compiled[name], name), wanted);
      if (byRuntime !== null) return `${name} compiled: ${byRuntime}`;
    }
    return null;
  } finally {
    await session.dispose();
  }
}

/** Graphs compute in float32 whatever the file declares. */
function convert(tensor: Tensor, dtype: DType): Tensor {
  return tensor.dtype === dtype ? tensor : tensorOf(dtype, tensor.shape, numbersOf(tensor));
}

/** Floats within the tolerance of what they are stored in, relative to the largest element; everything else exactly. */
function compare(found: Tensor, expected: Tensor): string | null {
  if (!sameShape(found.shape, expected.shape)) {
    return `${printShape(found.shape)} instead of ${printShape(expected.shape)}`;
  }
  const sameKind = isFloat(expected.dtype) ? isFloat(found.dtype) : found.dtype === expected.dtype;
  if (!sameKind) return `${found.dtype} instead of ${expected.dtype}`;
  const [a, b] = [numbersOf(found), numbersOf(expected)];
  const scale = b.reduce((most, one) => (Number.isFinite(one) ? Math.max(most, Math.abs(one)) : most), 1e-3);
  const tolerance = isFloat(expected.dtype)
    ? scale * (expected.dtype === 'float16' ? tolerances.float16Stored : tolerances.float32Conformance)
    : 0;
  const wrong = a.findIndex((one, index) => !agrees(one, b[index]!, tolerance));
  return wrong < 0 ? null : `${a[wrong]} instead of ${b[wrong]} at ${wrong} of ${a.length}`;
}

function agrees(found: number, expected: number, tolerance: number): boolean {
  return Object.is(found, expected) || found === expected || Math.abs(found - expected) <= tolerance;
}

/** The refusal without the names that differ from case to case, so that equal reasons are counted together. */
function describeRefusal({ code, details }: AppError): string {
  const { op, reason, kind, elementType } = details;
  if (code === 'model-unsupported-op') return `operator ${op} is not supported`;
  if (code === 'model-unsupported') return `${op}: ${reason}`;
  if (code === 'model-value-unsupported') return `a ${kind} is no tensor to compute with`;
  if (code === 'model-tensor-unsupported') return `elements of type ${elementType}`;
  return `${code}: ${reason}`;
}
