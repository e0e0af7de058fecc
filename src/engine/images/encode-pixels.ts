/** @file Pixels that were computed, as PNG: one image, or many side by side. */
import sharp from 'sharp';

export interface PlanarShape {
  /** 1 grey, 3 colour. */
  readonly channels: number;
  /** Side of the square. */
  readonly size: number;
}

/** Planes [C, size, size] of bytes as a PNG, without loss. */
export function encodePixels(pixels: Uint8Array, { channels, size }: PlanarShape): Promise<Uint8Array> {
  return encode(interleave([pixels], { channels, size }, 1), channels, size, size);
}

/** All images in a square of squares, row after row. */
export function encodeContactSheet(
  images: readonly Uint8Array[],
  { channels, size }: PlanarShape,
): Promise<Uint8Array> {
  const columns = Math.ceil(Math.sqrt(images.length));
  const rows = Math.ceil(images.length / columns);
  const pixels = interleave(images, { channels, size }, columns);
  return encode(pixels, channels, columns * size, rows * size);
}

function interleave(
  images: readonly Uint8Array[],
  { channels, size }: PlanarShape,
  columns: number,
): Uint8Array {
  const rows = Math.ceil(images.length / columns);
  const width = columns * size;
  const out = new Uint8Array(width * rows * size * channels);
  for (const [place, image] of images.entries()) {
    const [left, top] = [(place % columns) * size, Math.floor(place / columns) * size];
    for (let channel = 0; channel < channels; channel++)
      for (let y = 0; y < size; y++)
        for (let x = 0; x < size; x++)
          out[((top + y) * width + left + x) * channels + channel] = image[(channel * size + y) * size + x]!;
  }
  return out;
}

function encode(pixels: Uint8Array, channels: number, width: number, height: number): Promise<Uint8Array> {
  const pipeline = sharp(pixels, { raw: { width, height, channels: channels as 1 | 3 } });
  return (channels === 1 ? pipeline.toColourspace('b-w') : pipeline).png().toBuffer();
}
