/** @file The file of a text encoder: which tensors it takes and gives, how many tokens; and the program that is made of it. */
import type { Profile } from '../../core/compiler/lower/lowerings.ts';
import { AppError } from '../../core/base/app-error.ts';
import { present } from '../../core/base/assert.ts';
import { compile } from '../../core/compiler/compile.ts';
import { copyInto } from '../../core/compiler/copy-graph.ts';
import type { Program } from '../../core/execution/executor.ts';
import { Graph, shapeOf } from '../../core/graph/graph.ts';
import { importModel } from '../../core/onnx/import/import-model.ts';
import { inlineFunctions } from '../../core/onnx/inline-functions.ts';
import type { OnnxModel, OnnxValueType } from '../../core/onnx/model.ts';
import { cast } from '../../core/ops/build.ts';
import type { PartOfFile } from './denoiser-file.ts';

export interface DescribedTextEncoder {
  readonly input: string;
  readonly output: string;
  /** Of one text: [tokens, width]. */
  readonly shape: readonly [number, number];
}

const PROBE_BATCH = 2;

/** `length`: tokens that the tokenizer makes of a text. Throws `model-choice-invalid`. */
export function describeTextEncoder(stored: OnnxModel, length: number): DescribedTextEncoder {
  const model = inlineFunctions(stored);
  const input = requireTokens(model, length);
  for (const output of model.outputs.keys()) {
    const inputShapes = new Map([[input, [PROBE_BATCH, length]]]);
    const { outputs } = importModel(model, { inputShapes, outputs: [output] });
    const [, tokens, width] = shapeOf(present(outputs.get(output), output));
    if (tokens === length && width !== undefined) return { input, output, shape: [tokens, width] };
  }
  throw refuse(
    `none of its outputs (${[...model.outputs.keys()].join(', ')}) is [batch, ${length}, width]: a vector for each token`,
  );
}

/** The input that takes them. */
function requireTokens(model: OnnxModel, length: number): string {
  const fed = [...model.inputs].filter(([name]) => !model.initializers.has(name));
  const isTokens = ({ dtype, shape }: OnnxValueType): boolean =>
    (dtype === 'int64' || dtype === 'int32') && shape?.length === 2;
  const [first] = fed;
  if (first === undefined || fed.length > 1 || !isTokens(first[1])) {
    const found = fed.map(([name, { dtype, shape: own }]) => `${name} ${dtype} [${own?.join(', ') ?? '…'}]`);
    throw refuse(
      `it takes ${found.join(', ') || 'nothing'}, where whole numbers of tokens alone, [batch, tokens], were expected. Export it with input_ids as its only input`,
    );
  }
  const [name, { shape }] = first;
  const own = shape?.[1];
  if (typeof own !== 'number' || own === length) return name;
  throw refuse(
    `it takes ${own} tokens, and the tokenizer makes ${length} (model_max_length of its tokenizer_config.json)`,
  );
}

function refuse(words: string): AppError {
  return new AppError('model-choice-invalid', { reason: `The text encoder cannot be used: ${words}` });
}

/** Feeds: `given`, numbers of tokens as int32 [N, tokens]. Fetches: `said` [N, tokens, width]. */
export function textProgram(
  model: OnnxModel,
  { input, output }: PartOfFile,
  shape: readonly [number, number],
  profile: Profile,
): Program {
  const graph = new Graph();
  const given = graph.input('given', { dtype: 'int32', shape });
  const imported = importModel(model, { inputShapes: new Map([[input, shape]]), outputs: [output] });
  const ids = present(imported.inputs.get(input), input);
  const substitutes = new Map([[ids, cast(graph, given, ids.type.dtype)]]);
  const [said] = copyInto(graph, [present(imported.outputs.get(output), output)], substitutes);
  return compile(graph, { said: said! }, { profile });
}
