/** @file What stands for each class that a denoiser is told, in the model's own terms: how alike two classes are to it shows there. */
import { join } from 'node:path';
import { present } from '../../core/base/assert.ts';
import { classWeight } from '../../core/nn/denoiser/u-net.ts';
import type { OnnxModel } from '../../core/onnx/model.ts';
import { numbersOf } from '../../core/tensor/tensor.ts';
import { readNpy } from '../artifacts/read-npy.ts';
import type { ToldTexts } from '../generating/told-texts.ts';
import type { LoadedDenoiser } from '../generating/loaded-denoiser.ts';
import type { DenoiserFile } from '../modelling/denoiser-file.ts';
import { readStoredModel } from '../modelling/store-model-file.ts';
import type { ClassPrototypes } from './anchors.ts';

/**
 * By class index, or number of a text: the vector that the network learned of a class, or the mean over its tokens of the embedding that it is told as. null: the model holds
 * neither, as where a brought file is told classes as one-hot rows.
 */
export function classPrototypes(
  projectPath: string,
  {
    description: { network },
    denoiser,
    average,
  }: Pick<LoadedDenoiser, 'description' | 'denoiser' | 'average'>,
): ClassPrototypes | null {
  if (denoiser.texts !== undefined) return prototypesOfTexts(denoiser.texts);
  if ('file' in network) return prototypesOfFile(projectPath, network);
  const learned = denoiser.network.parameters.find(({ name }) => name === classWeight);
  if (learned === undefined) return null;
  const [classes, width] = learned.shape as readonly [number, number];
  const rows = average.subarray(learned.offset, learned.offset + classes * width);
  return Array.from({ length: classes }, (_, row) => rows.subarray(row * width, (row + 1) * width));
}

function prototypesOfTexts(texts: ToldTexts): ClassPrototypes {
  const [tokens, width] = texts.shape as readonly [number, number];
  const said = new Float32Array(tokens * width);
  return texts.texts.map((_, number) => {
    texts.read(number, said);
    return meanToken(said, 0, [1, tokens, width]);
  });
}

function prototypesOfFile(projectPath: string, { file, condition }: DenoiserFile): ClassPrototypes | null {
  if (condition === null || condition.kind === 'one-hot' || condition.kind === 'text') return null;
  const { labels } = condition;
  if (condition.kind === 'embedding') {
    const { shape, data } = readNpy(join(projectPath, present(condition.embeddings, 'embeddings')));
    return labels.map((label) => meanToken(data, label, shape));
  }
  const table = tableOf(readStoredModel(projectPath, file), condition.input);
  if (table === null) return null;
  const { width, numbers } = table;
  return labels.map((label) => numbers.subarray(label * width, (label + 1) * width));
}

/** `shape`: [classes, width] or [classes, tokens, width]. */
function meanToken(data: Float32Array, label: number, shape: readonly number[]): Float64Array {
  const width = shape.at(-1)!;
  const size = data.length / shape[0]!;
  const mean = new Float64Array(width);
  for (let index = 0; index < size; index++)
    mean[index % width]! += data[label * size + index]! / (size / width);
  return mean;
}

/** Operators that hand numbers of classes on as they are. */
const HANDED_ON = new Set(['Cast', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten', 'Identity']);

/** The table [numbers, width] that a file looks numbers of classes up in. */
function tableOf(
  { nodes, initializers }: OnnxModel,
  input: string,
): { readonly width: number; readonly numbers: Float64Array } | null {
  const handedOn = new Set([input]);
  for (const { opType, inputs, outputs } of nodes) {
    if (HANDED_ON.has(opType) && handedOn.has(inputs[0]!)) handedOn.add(outputs[0]!);
    if (opType !== 'Gather' || !handedOn.has(inputs[1]!)) continue;
    const table = initializers.get(inputs[0]!);
    if (table?.shape.length === 2) return { width: table.shape[1]!, numbers: numbersOf(table) };
  }
  return null;
}
