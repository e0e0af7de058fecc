/** @file A changed copy of an image: mirrored, cropped. */
import sharp, { type Sharp } from 'sharp';
import { explain, prepareImage } from './decode.ts';

export interface ImageChange {
  readonly mirrored: boolean;
  /** The part that is kept, in parts of the sides; null: all of it. */
  readonly crop: { readonly x: number; readonly y: number; readonly side: number } | null;
}

/** PNG bytes. An `ImageError` says why the image cannot be read. */
export async function changeImage(bytes: Uint8Array, { mirrored, crop }: ImageChange): Promise<Uint8Array> {
  const image = prepareImage(bytes);
  return explain(image, async () => {
    // Decoded first: sharp orders the steps of one pipeline by itself.
    const { data, info } = await image.pipeline().raw().toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    const cut = (pipeline: Sharp): Sharp => {
      if (crop === null) return pipeline;
      const [wide, high] = [
        Math.max(1, Math.round(crop.side * width)),
        Math.max(1, Math.round(crop.side * height)),
      ];
      return pipeline.extract({
        left: Math.min(width - wide, Math.round(crop.x * width)),
        top: Math.min(height - high, Math.round(crop.y * height)),
        width: wide,
        height: high,
      });
    };
    const pipeline = cut(sharp(data, { raw: { width, height, channels } }));
    return (mirrored ? pipeline.flop() : pipeline).png().toBuffer();
  });
}
