/**
 * @file Latents of pictures and pictures of latents, by the encoder and the decoder of a variational autoencoder (Rombach et al. 2022). An encoder's
 * posterior is taken at its mean: the same picture has the same latents whenever it is asked for.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import type { Executor } from '../../core/execution/executor.ts';
import { openRowFile, forgetOldFiles } from '../artifacts/row-file.ts';
import { KeptVectors } from '../artifacts/kept-vectors.ts';
import { decoderProgram, encoderProgram } from '../modelling/autoencoder.ts';
import type { LatentFiles } from '../modelling/denoiser-file.ts';
import { readStoredModel } from '../modelling/store-model-file.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { pixelHash } from '../training/pixel-cache.ts';
import { BatchedProgram } from './batched-program.ts';
import type { CleanImageRequest, CleanImages, PictureShape } from './clean-images.ts';
import type { ImageCodec } from './image-codec.ts';
import { LatentReader } from './latent-reader.ts';
import { fromPixels } from './make-images.ts';

/** Numbers of the pictures that are encoded or decoded at once: one of 512 × 512 pixels, some small ones. */
const BATCH_NUMBERS = 2 ** 19;
/** Pictures that are encoded and written at a time: where the work is stopped, no more is done again. */
const PIECE_ROWS = 8;
const KEPT_CACHES = 3;

/** [latents.channels, size, size] */
interface LatentShape {
  readonly channels: number;
  readonly imageSize: number;
}

export class LatentCodec implements ImageCodec {
  readonly picture: PictureShape;
  readonly #folder: Pick<ProjectFolder, 'path' | 'cachePath'>;
  readonly #latents: LatentFiles;
  readonly #shape: LatentShape;
  readonly #executor: Executor;
  readonly #identity: string;
  readonly #kept: KeptVectors;

  constructor(
    folder: Pick<ProjectFolder, 'path' | 'cachePath'>,
    latents: LatentFiles,
    shape: LatentShape,
    executor: Executor,
  ) {
    this.#folder = folder;
    this.#latents = latents;
    this.#shape = shape;
    this.#executor = executor;
    const { pictureSize, pictureChannels, encoder, scalingFactor, shiftFactor } = latents;
    this.picture = { size: pictureSize, channels: pictureChannels === 1 ? 1 : 3 };
    // Files are named by their content.
    this.#identity = hashOf(JSON.stringify({ encoder, scalingFactor, shiftFactor }));
    this.#kept = new KeptVectors(join(folder.cachePath, 'latents', this.#identity), this.#length);
  }

  /** What was encoded once is read again. */
  async encode(pictures: readonly Float32Array[], signal?: CancelSignal): Promise<Float32Array[]> {
    const hashes = pictures.map((picture) => hashOf(`${this.picture.size}`, bytesOf(picture)));
    const kept = hashes.map((hash) => this.#kept.read(hash));
    const missing = pictures.filter((_, place) => kept[place] === null);
    const made = (await this.#encodeAnew(missing, signal)).values();
    return kept.map((one, place) => {
      if (one !== null) return one;
      const latents = made.next().value!;
      this.#kept.write(hashes[place]!, latents);
      return latents;
    });
  }

  async decode(images: readonly Float32Array[], signal?: CancelSignal): Promise<Float32Array[]> {
    const { channels, imageSize } = this.#shape;
    const model = readStoredModel(this.#folder.path, this.#latents.decoder.file);
    const decoder = new BatchedProgram(this.#executor, {
      what: 'Decoding',
      largestBatch: this.#largestBatch,
      shape: [channels, imageSize, imageSize],
      compile: (batchSize) =>
        decoderProgram(model, this.#latents, this.#shape, batchSize, this.#executor.profile),
    });
    try {
      return await decoder.run(images, signal);
    } finally {
      await decoder.dispose();
    }
  }

  async openImages({ folder, samples, readPixels, context }: CleanImageRequest): Promise<CleanImages> {
    const { size, channels } = this.picture;
    const pixels = pixelHash({ images: samples, size, channels });
    let encoder: BatchedProgram | null = null;
    const make = async (from: number, to: number): Promise<Uint8Array> => {
      const ids = samples.slice(from, to).map(({ id }) => id);
      const pictures = picturesIn(await readPixels(ids, { size, channels }), ids.length);
      encoder ??= this.#openEncoder();
      return Buffer.concat((await encoder.run(pictures, context.signal)).map(bytesOf));
    };
    const onProgress = (done: number): void =>
      context.progress(`Encoding images (${done} of ${samples.length})`, null, { images: done });
    try {
      const file = await openRowFile({
        path: join(folder.cachePath, `latents-${hashOf(this.#identity + pixels).slice(0, 24)}.f32`),
        ...{ rowBytes: 4 * this.#length, count: samples.length, pieceRows: PIECE_ROWS },
        ...{ make, signal: context.signal, onProgress },
      });
      forgetOldFiles(folder.cachePath, 'latents-', '.f32', KEPT_CACHES);
      return {
        identity: { size, channels, latents: this.#identity },
        reader: () => new LatentReader(file, this.#length),
        close: () => file.close(),
      };
    } finally {
      await (encoder as BatchedProgram | null)?.dispose();
    }
  }

  /** Of the latents of one picture. */
  get #length(): number {
    return this.#shape.channels * this.#shape.imageSize ** 2;
  }

  async #encodeAnew(pictures: readonly Float32Array[], signal?: CancelSignal): Promise<Float32Array[]> {
    if (pictures.length === 0) return [];
    const encoder = this.#openEncoder();
    try {
      return await encoder.run(pictures, signal);
    } finally {
      await encoder.dispose();
    }
  }

  #openEncoder(): BatchedProgram {
    const { size, channels } = this.picture;
    const model = readStoredModel(this.#folder.path, this.#latents.encoder.file);
    return new BatchedProgram(this.#executor, {
      what: 'Encoding',
      largestBatch: this.#largestBatch,
      shape: [channels, size, size],
      compile: (batchSize) =>
        encoderProgram(model, this.#latents, this.#shape, batchSize, this.#executor.profile),
    });
  }

  get #largestBatch(): number {
    const { size, channels } = this.picture;
    return Math.min(PIECE_ROWS, Math.max(1, Math.floor(BATCH_NUMBERS / (channels * size ** 2))));
  }
}

/** As many pictures in −1 … 1 as lie one after the other in these bytes. */
function picturesIn(bytes: Uint8Array, count: number): Float32Array[] {
  const length = bytes.length / count;
  return Array.from({ length: count }, (_, place) =>
    fromPixels(bytes.subarray(place * length, (place + 1) * length)),
  );
}

function hashOf(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, 32);
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
