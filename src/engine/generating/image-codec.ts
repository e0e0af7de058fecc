/** @file Between pictures and what a denoiser works on: the pixels themselves, or latents. */
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import {
  openPixelImages,
  type CleanImageRequest,
  type CleanImages,
  type PictureShape,
} from './clean-images.ts';

/** Pictures are [C·S·S] in −1 … 1, as `picture` says. */
export interface ImageCodec {
  readonly picture: PictureShape;
  /** What the denoiser sees of each picture. */
  encode(pictures: readonly Float32Array[], signal?: CancelSignal): Promise<readonly Float32Array[]>;
  /** The picture of each image that the denoiser made. */
  decode(images: readonly Float32Array[], signal?: CancelSignal): Promise<readonly Float32Array[]>;
  /** What the denoiser sees of the project's images; kept on disk, so that it is made once. */
  openImages(request: CleanImageRequest): Promise<CleanImages>;
}

/** For denoisers of pixels. */
export function pixelCodec(picture: PictureShape): ImageCodec {
  return {
    picture,
    encode: (pictures) => Promise.resolve(pictures),
    decode: (images) => Promise.resolve(images),
    openImages: (request) => openPixelImages(request, picture),
  };
}
