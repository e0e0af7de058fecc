/** @file From what was chosen about a denoiser's file to the description that its network is built from. */
import { AppError } from '../../core/base/app-error.ts';
import { present } from '../../core/base/assert.ts';
import { shapeOf, type Value } from '../../core/graph/graph.ts';
import { importModel } from '../../core/onnx/import/import-model.ts';
import type { ImportedModel } from '../../core/onnx/import/imported-model.ts';
import { inlineFunctions } from '../../core/onnx/inline-functions.ts';
import type { OnnxModel } from '../../core/onnx/model.ts';
import { sameShape } from '../../core/tensor/tensor.ts';
import type { DenoiserChoices } from '../../contract/denoiser-choices.ts';
import type { ClassId } from '../../contract/vocabulary.ts';
import { chooseParameters } from './choose-parameters.ts';
import type { DenoiserFile } from './denoiser-file.ts';
import { findDenoiserInputs, type ConditionInput, type DenoiserInputs } from './denoiser-inputs.ts';
import { denoiserInputShapes } from './file-denoiser.ts';
import { imageInputShape } from './image-input.ts';
import { mapClasses } from './map-classes.ts';
import { layersOf } from './model-layers.ts';
import { withTimestepPerImage } from './timestep-per-image.ts';

export interface DescribedDenoiser {
  readonly description: DenoiserFile;
  /** Class index that the network is told → class. */
  readonly classIds: readonly ClassId[];
}

interface Project {
  /** In their order. */
  readonly classes: ReadonlyMap<ClassId, string>;
  /** The side of images where neither the file nor the person says one. */
  readonly usualSide: number;
}

/** What a person gave beside the model: what each class is told as. */
export interface GivenEmbeddings {
  /** Relative to the project. */
  readonly file: string;
  /** [classes, …] */
  readonly shape: readonly number[];
}

const PROBE_BATCH = 2;

/** `file` may be anything where nothing is stored. */
export function describeDenoiser(
  stored: OnnxModel,
  choices: DenoiserChoices,
  project: Project,
  file: string,
  embeddings: GivenEmbeddings | null = null,
): DescribedDenoiser {
  const model = inlineFunctions(stored);
  const inputs = findDenoiserInputs(model, choices, embeddings?.shape.slice(1) ?? null);
  if (typeof inputs === 'string') throw new AppError('model-choice-invalid', { reason: sentence(inputs) });
  const { image, timestep, condition } = inputs;
  const imageSize = chooseSide(image.size, choices.imageSize, project.usualSide);
  const { name: output, imported } = findOutput(model, inputs, choices.output, imageSize);
  const layers = layersOf(
    model,
    new Map([...imported.parameters].map(([name, value]) => [name, shapeOf(value)])),
  );
  const told = condition === null ? null : mapLabels(condition, choices, project.classes, embeddings);
  return {
    classIds: told?.classIds ?? [],
    description: {
      file,
      channels: image.channels,
      imageSize,
      layout: image.layout,
      input: image.input,
      timestep,
      output,
      condition: told?.condition ?? null,
      trained: chooseParameters(layers, parameterChoices(choices)),
      loraRank: choices.parameters === 'lora' ? choices.loraRank : null,
    },
  };
}

/** Adapters may be put on some of the weights alone. */
function parameterChoices({
  parameters,
  lastLayers,
  pattern,
}: DenoiserChoices): Parameters<typeof chooseParameters>[1] {
  const isSome = parameters === 'lora' && pattern !== '';
  return { parameters: isSome ? 'pattern' : parameters, lastLayers, pattern };
}

function sentence(words: string): string {
  return `The file cannot be used as a denoiser: ${words}`;
}

function chooseSide(ofFile: number | null, wanted: number, usual: number): number {
  if (ofFile === null) return wanted === 0 ? usual : wanted;
  if (wanted === 0 || wanted === ofFile) return ofFile;
  throw new AppError('model-choice-invalid', {
    reason: `The file takes images of ${ofFile} pixels only, not of ${wanted}`,
  });
}

interface FoundOutput {
  readonly name: string;
  readonly imported: ImportedModel;
}

/** The output that was named; else the first that is like the images, perhaps with a variance beside each channel. */
function findOutput(model: OnnxModel, inputs: DenoiserInputs, wanted: string, side: number): FoundOutput {
  if (wanted !== '' && !model.outputs.has(wanted))
    throw new AppError('model-choice-invalid', {
      reason: `There is no output ${wanted}. The outputs are ${[...model.outputs.keys()].join(', ')}`,
    });
  const prepared = withTimestepPerImage(model, inputs.timestep);
  const inputShapes = denoiserInputShapes(
    prepared,
    { ...inputs.image, timestep: inputs.timestep, condition: inputs.condition },
    PROBE_BATCH,
    side,
  );
  const found: string[] = [];
  for (const name of wanted === '' ? model.outputs.keys() : [wanted]) {
    const imported = importModel(prepared, { inputShapes, outputs: [name] });
    const value = present(imported.outputs.get(name), name);
    if (isLikeImages(value, inputs, side)) return { name, imported };
    found.push(`${name} [${shapeOf(value).join(', ')}]`);
  }
  throw new AppError('model-choice-invalid', {
    reason: sentence(`for ${PROBE_BATCH} images no output is like them; there is ${found.join(', ')}`),
  });
}

function isLikeImages(value: Value, { image }: DenoiserInputs, side: number): boolean {
  const { channels, layout } = image;
  return [channels, 2 * channels].some((count) =>
    sameShape(shapeOf(value), imageInputShape({ layout, channels: count }, PROBE_BATCH, side)),
  );
}

function mapLabels(
  { input, kind, shape }: ConditionInput,
  { classNames, absentClass }: DenoiserChoices,
  classes: Project['classes'],
  embeddings: GivenEmbeddings | null,
): Pick<DescribedDenoiser, 'classIds'> & { readonly condition: NonNullable<DenoiserFile['condition']> } {
  const given = classNames.length > 0 ? classNames.length : classes.size;
  const { columns, classIds } = mapClasses(classes, kind === 'one-hot' ? shape[0]! : given, {
    classNames,
    newHead: false,
  });
  const labels = columns ?? classIds.map((_, index) => index);
  if (embeddings !== null && Math.max(...labels, absentClass ?? 0) >= embeddings.shape[0]!)
    throw new AppError('model-choice-invalid', {
      reason: `There are ${embeddings.shape[0]!} embeddings, one for each class in order; more are asked for`,
    });
  const file = embeddings?.file ?? null;
  return { classIds, condition: { input, kind, shape: [...shape], labels, absentClass, embeddings: file } };
}
