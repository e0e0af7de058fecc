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
import { describeAutoencoder, type GivenAutoencoder } from './describe-autoencoder.ts';
import type { DenoiserFile } from './denoiser-file.ts';
import { describeTextEncoder, type DescribedTextEncoder } from './describe-text-encoder.ts';
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

/** What a person gave beside the denoiser. */
export interface GivenBeside {
  readonly embeddings?: GivenEmbeddings | null;
  readonly autoencoder?: GivenAutoencoder | null;
  readonly texts?: GivenTexts | null;
}

/** The files of texts as they lie in the project. */
export interface GivenTexts {
  readonly encoder: { readonly file: string; readonly model: OnnxModel };
  readonly tokenizer: string;
  /** Tokens of a text. */
  readonly length: number;
  readonly texts: string;
  readonly isOfClasses: boolean;
}

const PROBE_BATCH = 2;

/** `file` may be anything where nothing is stored. */
export function describeDenoiser(
  stored: OnnxModel,
  choices: DenoiserChoices,
  project: Project,
  file: string,
  beside: GivenBeside = {},
): DescribedDenoiser {
  const model = inlineFunctions(stored);
  const encoder = beside.texts ? describeTextEncoder(beside.texts.encoder.model, beside.texts.length) : null;
  const inputs = requireInputs(model, choices, beside, encoder);
  const { image, timestep, condition } = inputs;
  const { latents, side: imageSize } = chooseSide(image, choices, project, beside.autoencoder ?? null);
  const { name: output, imported } = findOutput(model, inputs, choices.output, imageSize);
  const layers = layersOf(
    model,
    new Map([...imported.parameters].map(([name, value]) => [name, shapeOf(value)])),
  );
  const told = tell(condition, choices, project.classes, beside, encoder);
  return {
    classIds: told.classIds,
    description: {
      file,
      channels: image.channels,
      imageSize,
      layout: image.layout,
      input: image.input,
      timestep,
      output,
      condition: told.condition,
      latents,
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

function requireInputs(
  model: OnnxModel,
  choices: DenoiserChoices,
  { embeddings, autoencoder }: GivenBeside,
  encoder: DescribedTextEncoder | null,
): DenoiserInputs {
  const inputs = findDenoiserInputs(model, choices, {
    embedding: encoder?.shape ?? embeddings?.shape.slice(1) ?? null,
    hasAutoencoder: (autoencoder ?? null) !== null,
  });
  if (typeof inputs !== 'string') return inputs;
  throw new AppError('model-choice-invalid', { reason: sentence(inputs) });
}

/** The side of what the denoiser sees. */
function chooseSide(
  image: DenoiserInputs['image'],
  { imageSize: wanted }: DenoiserChoices,
  { usualSide }: Project,
  autoencoder: GivenAutoencoder | null,
): { readonly latents: DenoiserFile['latents']; readonly side: number } {
  if (autoencoder !== null) return describeAutoencoder(autoencoder, image, wanted);
  const { size: ofFile } = image;
  if (ofFile === null) return { latents: null, side: wanted === 0 ? usualSide : wanted };
  if (wanted === 0 || wanted === ofFile) return { latents: null, side: ofFile };
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

interface Told {
  readonly classIds: readonly ClassId[];
  readonly condition: DenoiserFile['condition'];
}

function tell(
  condition: ConditionInput | null,
  choices: DenoiserChoices,
  classes: Project['classes'],
  { texts, embeddings = null }: GivenBeside,
  encoder: DescribedTextEncoder | null,
): Told {
  if (texts && encoder !== null) return tellTexts(condition, texts, encoder, classes);
  if (condition === null) return { classIds: [], condition: null };
  return mapLabels(condition, choices, classes, embeddings);
}

function tellTexts(
  condition: ConditionInput | null,
  { encoder: { file }, tokenizer, texts, isOfClasses }: GivenTexts,
  { input, output, shape }: DescribedTextEncoder,
  classes: Project['classes'],
): Told {
  if (condition === null)
    throw new AppError('model-choice-invalid', {
      reason: sentence('a text encoder was given, and none of its inputs takes what it says'),
    });
  return {
    classIds: isOfClasses ? [...classes.keys()] : [],
    condition: {
      ...{ input: condition.input, kind: 'text', shape: [...shape], labels: [] },
      ...{ absentClass: null, embeddings: null },
      text: { encoder: { file, input, output }, tokenizer, texts },
    },
  };
}

function mapLabels(
  { input, kind, shape }: ConditionInput,
  { classNames, absentClass }: DenoiserChoices,
  classes: Project['classes'],
  embeddings: GivenEmbeddings | null,
): Told {
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
  return {
    classIds,
    condition: { input, kind, shape: [...shape], labels, absentClass, embeddings: file, text: null },
  };
}
