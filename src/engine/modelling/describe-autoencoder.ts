/** @file The files of an autoencoder in front of a denoiser: which tensors they take and give, and how large pictures and latents are. */
import { AppError } from '../../core/base/app-error.ts';
import { present } from '../../core/base/assert.ts';
import { shapeOf } from '../../core/graph/graph.ts';
import { importModel } from '../../core/onnx/import/import-model.ts';
import { inlineFunctions } from '../../core/onnx/inline-functions.ts';
import type { OnnxModel } from '../../core/onnx/model.ts';
import { sameShape, type Shape } from '../../core/tensor/tensor.ts';
import type { LatentFiles } from './denoiser-file.ts';
import type { ImageInput } from './image-input.ts';

/** The files as they lie in the project, and what was said about them. */
export interface GivenAutoencoder {
  readonly encoder: GivenPart;
  readonly decoder: GivenPart;
  readonly scalingFactor: number;
  readonly shiftFactor: number;
}

interface GivenPart {
  /** Relative to the project. */
  readonly file: string;
  readonly model: OnnxModel;
}

export interface DescribedLatents {
  readonly latents: LatentFiles;
  /** Side of the square latents. */
  readonly side: number;
}

const PROBE_BATCH = 2;
/** The side of a picture that is shown to an encoder to find out by how much it makes it smaller. */
const PROBE_SIDE = 64;

/** `image`: the denoiser's input; `pictureSide`: of the pictures, where somebody says so, else 0. Throws `model-choice-invalid` where the files do not fit each other. */
export function describeAutoencoder(
  { encoder, decoder, scalingFactor, shiftFactor }: GivenAutoencoder,
  { channels, size }: Pick<ImageInput, 'channels' | 'size'>,
  pictureSide: number,
): DescribedLatents {
  const encoding = openHalf('VAE encoder', 'pictures', encoder);
  const pictureChannels = numberAt(encoding.shape, 1) ?? 3;
  if (pictureChannels !== 1 && pictureChannels !== 3)
    throw refuse(
      `the VAE encoder’s input ${encoding.input} has ${pictureChannels} channels, where pictures of 1 or 3 were expected. Are encoder and decoder the wrong way round?`,
    );
  const pictureSize = choosePictureSide(encoding, pictureChannels, size, pictureSide);
  const picture = [pictureChannels, pictureSize, pictureSize];
  const code = encoding.of(picture);
  const [codeChannels, side] = [code.shape[1]!, code.shape[2]!];
  const isCode =
    code.shape.length === 4 &&
    side === code.shape[3] &&
    (codeChannels === channels || codeChannels === 2 * channels);
  if (!isCode)
    throw refuse(
      `of pictures [${picture.join(', ')}] the VAE encoder makes [${code.shape.slice(1).join(', ')}], where latents of the denoiser’s ${channels} channels, or their means and variances in ${2 * channels}, were expected. Give the encoder that belongs to this denoiser`,
    );
  if (size !== null && size !== side)
    throw refuse(
      `of pictures of ${pictureSize} pixels the VAE encoder makes latents of ${side} × ${side}, and the denoiser takes ${size} × ${size}. Try --image-size ${(pictureSize / side) * size}`,
    );
  const decoding = openHalf('VAE decoder', 'latents', decoder);
  const decoded = decoding.of([channels, side, side]);
  if (!sameShape(decoded.shape.slice(1), picture))
    throw refuse(
      `of latents [${channels}, ${side}, ${side}] the VAE decoder makes [${decoded.shape.slice(1).join(', ')}], where pictures [${picture.join(', ')}] were expected. Give the decoder that belongs to this encoder`,
    );
  return {
    side,
    latents: {
      encoder: { file: encoder.file, input: encoding.input, output: code.output },
      decoder: { file: decoder.file, input: decoding.input, output: decoded.output },
      ...{ scalingFactor, shiftFactor, pictureSize, pictureChannels },
    },
  };
}

function refuse(words: string): AppError {
  return new AppError('model-choice-invalid', {
    reason: `The parts do not fit each other: ${words}`,
  });
}

interface Half {
  readonly input: string;
  readonly shape: readonly unknown[] | null;
  /** Of a few things of this shape: the first output, and its shape. */
  of(shape: Shape): { readonly output: string; readonly shape: Shape };
}

function openHalf(what: string, things: string, { model: stored }: GivenPart): Half {
  const model = inlineFunctions(stored);
  const fed = [...model.inputs].filter(([name]) => !model.initializers.has(name));
  const [input] = fed;
  if (input === undefined || fed.length > 1 || (input[1].shape !== null && input[1].shape.length !== 4))
    throw refuse(
      `the ${what} takes ${fed.map(([name, { shape }]) => `${name} [${shape?.map((extent) => extent ?? '?').join(', ') ?? '…'}]`).join(', ') || 'nothing'}, where one input of ${things} [batch, channels, height, width] was expected`,
    );
  const output = [...model.outputs.keys()][0]!;
  return {
    input: input[0],
    shape: input[1].shape,
    of: (shape) => {
      const inputShapes = new Map([[input[0], [PROBE_BATCH, ...shape]]]);
      const { outputs } = importModel(model, { inputShapes, outputs: [output] });
      return { output, shape: shapeOf(present(outputs.get(output), output)) };
    },
  };
}

/** What the encoder's file says; else what a person says; else what gives latents of the denoiser's size. */
function choosePictureSide(
  encoding: Half,
  channels: number,
  latentSide: number | null,
  wanted: number,
): number {
  const ofFile = numberAt(encoding.shape, 2);
  if (ofFile !== null && wanted !== 0 && wanted !== ofFile)
    throw refuse(`the VAE encoder takes pictures of ${ofFile} pixels only, not of ${wanted}`);
  if (ofFile !== null) return ofFile;
  if (wanted !== 0) return wanted;
  if (latentSide === null)
    throw refuse(
      'neither denoiser nor VAE encoder says how large its images are: say it with --image-size, in pixels of the pictures',
    );
  const probed = encoding.of([channels, PROBE_SIDE, PROBE_SIDE]).shape[2]!;
  return (PROBE_SIDE / probed) * latentSide;
}

function numberAt(shape: Half['shape'], axis: number): number | null {
  const extent = shape?.[axis];
  return typeof extent === 'number' ? extent : null;
}
