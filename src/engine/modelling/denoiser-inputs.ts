/** @file Which inputs of a denoiser's file take the noisy image, the step of time and the class. */
import type { Dimension, OnnxModel, OnnxValueType } from '../../core/onnx/model.ts';
import type { DenoiserChoices } from '../../contract/denoiser-choices.ts';
import { describeAxes, type ImageInput } from './image-input.ts';

export interface DenoiserInputs {
  readonly image: ImageInput;
  readonly timestep: string;
  /** null: the file is not told a class. */
  readonly condition: ConditionInput | null;
}

export interface ConditionInput {
  readonly input: string;
  readonly kind: 'number' | 'one-hot' | 'embedding' | 'text';
  /** Of one image; [] of a number. */
  readonly shape: readonly number[];
}

type Fed = readonly [name: string, type: OnnxValueType];
/** What was given beside the file. */
export interface GivenParts {
  /** The shape of what a class is told as; null: it is told by its number, or one-hot. */
  readonly embedding: readonly number[] | null;
  /** Whether there is an autoencoder, so that the images are latents of any number of channels. */
  readonly hasAutoencoder: boolean;
}

type Names = Pick<DenoiserChoices, 'imageInput' | 'timestepInput' | 'conditionInput'>;

const IMAGE_AXES = 4;
/** Names that exporters and authors give the step of time. */
const TIME_NAMES = /time|step|sigma|^t$/i;
const CLASS_NAMES = /class|label|^y$/i;

/** In words why they cannot be told apart, where they cannot. */
export function findDenoiserInputs(
  model: OnnxModel,
  names: Names,
  { embedding, hasAutoencoder }: GivenParts,
): DenoiserInputs | string {
  const fed: Fed[] = [...model.inputs].filter(([name]) => !model.initializers.has(name));
  const missing = [names.imageInput, names.timestepInput, names.conditionInput].find(
    (name) => name !== '' && !fed.some(([known]) => known === name),
  );
  if (missing !== undefined) return `it has no input ${missing}; its inputs are ${listed(fed)}`;
  const image = chooseInput(fed, names.imageInput, ({ shape }) => shape?.length === IMAGE_AXES, null);
  if (image === null) return `none of its inputs (${listed(fed)}) is clearly the noisy image: name it`;
  const others = fed.filter((one) => one !== image);
  const timestep = chooseInput(
    others.filter(([name]) => name !== names.conditionInput),
    names.timestepInput,
    isOneNumber,
    TIME_NAMES,
  );
  if (timestep === null)
    return `none of its inputs (${listed(others)}) is clearly the step of time, one number for each image: name it`;
  const rest = others.filter((one) => one !== timestep);
  if (rest.length > 1) return `it wants more than an image, a step of time and a class: ${listed(rest)}`;
  const described = describeImage(image, hasAutoencoder);
  if (typeof described === 'string') return described;
  const condition = rest[0] === undefined ? null : describeCondition(rest[0], embedding);
  if (typeof condition === 'string') return condition;
  return { image: described, timestep: timestep[0], condition };
}

/** The named one; else the only one that suits, or the only one of these whose name says so. */
function chooseInput(
  fed: readonly Fed[],
  name: string,
  suits: (type: OnnxValueType) => boolean,
  usual: RegExp | null,
): Fed | null {
  if (name !== '') return fed.find(([known]) => known === name) ?? null;
  const suitable = fed.filter(([, type]) => suits(type));
  if (suitable.length === 1) return suitable[0]!;
  const named = suitable.filter(([known]) => usual?.test(known) === true && !CLASS_NAMES.test(known));
  return named.length === 1 ? named[0]! : null;
}

/** [], [N] or [N, 1] */
function isOneNumber({ shape }: OnnxValueType): boolean {
  return shape !== null && (shape.length < 2 || (shape.length === 2 && shape[1] === 1));
}

function describeImage([name, { dtype, shape }]: Fed, isLatent: boolean): ImageInput | string {
  if (!isFloating(dtype)) return `its input ${name} is of type ${dtype}; float images are expected`;
  if (shape?.length !== IMAGE_AXES)
    return `its input ${name} does not have the axes [batch, channels, height, width]`;
  if (isLatent) return describeLatentAxes(name, shape);
  const described = describeAxes(name, shape);
  return typeof described === 'string' && typeof shape[1] === 'number' && shape[1] > 3
    ? `${described}. If it works on latents, give its autoencoder too: --vae-encoder and --vae-decoder`
    : described;
}

/** Latents of any number of channels. */
function describeLatentAxes(name: string, shape: readonly Dimension[]): ImageInput | string {
  const [, channels, height, width] = shape;
  if (typeof channels !== 'number') return `its input ${name} does not say how many channels latents have`;
  if (typeof height === 'number' && typeof width === 'number' && height !== width)
    return `its latents are ${height} × ${width}; square ones are expected. Export it with a square input`;
  const side = [height, width].find((extent) => typeof extent === 'number');
  return { input: name, channels, size: typeof side === 'number' ? side : null, layout: 'nchw' };
}

function describeCondition(condition: Fed, embedding: readonly number[] | null): ConditionInput | string {
  if (embedding !== null) return describeEmbedding(condition, embedding);
  const [input, type] = condition;
  if (isOneNumber(type)) return { input, kind: 'number', shape: [] };
  const width: Dimension = type.shape?.[1] ?? null;
  if (type.shape?.length === 2 && typeof width === 'number' && isFloating(type.dtype))
    return { input, kind: 'one-hot', shape: [width] };
  return `its input ${input} is neither the number of a class, [batch], nor one-hot, [batch, classes]: give the embedding of each class`;
}

function describeEmbedding(condition: Fed, embedding: readonly number[]): ConditionInput | string {
  const [input, { dtype, shape }] = condition;
  const own = shape?.slice(1) ?? embedding;
  const fits =
    own.length === embedding.length &&
    own.every((extent, axis) => typeof extent !== 'number' || extent === embedding[axis]);
  if (fits && isFloating(dtype)) return { input, kind: 'embedding', shape: embedding };
  return `its input ${listed([condition])} does not take embeddings of [${embedding.join(', ')}]`;
}

function isFloating(dtype: OnnxValueType['dtype']): boolean {
  return dtype === 'float32' || dtype === 'float16' || dtype === 'float64';
}

function listed(fed: readonly Fed[]): string {
  const described = fed.map(
    ([name, { shape }]) => `${name} [${shape?.map((extent) => extent ?? '?').join(', ') ?? '…'}]`,
  );
  return described.join(', ');
}
