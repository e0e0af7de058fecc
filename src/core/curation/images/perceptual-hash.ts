/**
 * @file Perceptual hash of an image: 64 signs of its lowest frequencies, alike for images that look alike.
 *
 * The DCT hash of Zauner, "Implementation and benchmarking of perceptual image hash functions" (2010): a 32 × 32 grey image, its
 * two-dimensional DCT-II, the frequencies 1 … 8 in both directions, and for each one bit: whether it is above their median.
 */
import { quantile } from '../../linalg/ranks.ts';

/** Side of the grey image that is hashed. */
export const HASHED_SIZE = 32;
/** Frequencies in each direction; the constant one says nothing of what an image shows. */
const FREQUENCIES = 8;

/** 64 bits as two words, the low frequencies of the vertical direction first. */
export type PerceptualHash = readonly [number, number];

/** [FREQUENCIES, HASHED_SIZE] */
const cosines = Float64Array.from({ length: FREQUENCIES * HASHED_SIZE }, (_, index) => {
  const frequency = Math.floor(index / HASHED_SIZE) + 1;
  return Math.cos((Math.PI * frequency * (2 * (index % HASHED_SIZE) + 1)) / (2 * HASHED_SIZE));
});

/** The hash of a grey image [32, 32], and that of its mirror image: left and right change places. */
export function perceptualHashes(grey: Float32Array | Uint8Array): {
  readonly upright: PerceptualHash;
  readonly mirrored: PerceptualHash;
} {
  const coefficients = lowFrequencies(grey);
  // A mirrored image has the same coefficients, with the sign turned for each odd horizontal frequency.
  const turned = coefficients.map((value, index) => ((index % FREQUENCIES) % 2 === 0 ? -value : value));
  return { upright: signsOf(coefficients), mirrored: signsOf(turned) };
}

/** [8, 8], vertical × horizontal frequency. */
function lowFrequencies(grey: Float32Array | Uint8Array): Float64Array {
  const rows = new Float64Array(HASHED_SIZE * FREQUENCIES);
  for (let row = 0; row < HASHED_SIZE; row++)
    for (let across = 0; across < FREQUENCIES; across++) {
      let sum = 0;
      for (let column = 0; column < HASHED_SIZE; column++)
        sum += grey[row * HASHED_SIZE + column]! * cosines[across * HASHED_SIZE + column]!;
      rows[row * FREQUENCIES + across] = sum;
    }
  const all = new Float64Array(FREQUENCIES * FREQUENCIES);
  for (let down = 0; down < FREQUENCIES; down++)
    for (let across = 0; across < FREQUENCIES; across++) {
      let sum = 0;
      for (let row = 0; row < HASHED_SIZE; row++)
        sum += rows[row * FREQUENCIES + across]! * cosines[down * HASHED_SIZE + row]!;
      all[down * FREQUENCIES + across] = sum;
    }
  return all;
}

function signsOf(coefficients: Float64Array): PerceptualHash {
  const median = quantile(coefficients, 0.5);
  const words: [number, number] = [0, 0];
  for (const [index, value] of coefficients.entries())
    if (value > median) words[index >> 5]! |= 1 << (index & 31);
  return [words[0] >>> 0, words[1] >>> 0];
}
