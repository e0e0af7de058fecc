/** @file 64×64 PNGs of few colours: what keeps the sample small. */
import sharp from 'sharp';

const SIDE = 64;

/** Fits an image into the square on a transparent ground. */
export async function encodeSmall(bytes: Uint8Array): Promise<Uint8Array> {
  return (
    sharp(bytes)
      .resize(SIDE, SIDE, { fit: 'contain', background: { r: 255, g: 255, b: 255, alpha: 0 } })
      // Undithered: dots of other colours cost bytes and are nobody's drawing.
      .png({ palette: true, quality: 80, dither: 0, effort: 10, compressionLevel: 9 })
      .toBuffer()
  );
}
