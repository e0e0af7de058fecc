/**
 * @file Images whose pixels are floats, as bytes: the extremes of many of them tell whether white is 1 or 255, and whether black is 0 or −1.
 */
import { readNumbers } from '../artifacts/read-npy.ts';

/** As NumPy names them. */
export type FloatType = '<f2' | '<f4' | '<f8';

/** In bytes. */
export const floatWidths: Readonly<Record<FloatType, number>> = { '<f2': 2, '<f4': 4, '<f8': 8 };

export function isFloatType(type: string): type is FloatType {
  return type in floatWidths;
}

/** What becomes 0 and what becomes 255. */
export interface BrightnessScale {
  readonly black: number;
  readonly white: number;
}

const scales: readonly BrightnessScale[] = [
  { black: 0, white: 1 },
  { black: -1, white: 1 },
  { black: 0, white: 255 },
];

/** Rounding of whoever divided by 255. */
const SLACK = 1e-3;

/** Throws a plain error where the file ends within the image. */
export function readFloats(bytes: Uint8Array<ArrayBuffer>, type: FloatType): Float32Array {
  const found = readNumbers(bytes.slice().buffer, type, [bytes.byteLength / floatWidths[type]]);
  if (typeof found === 'string') throw new Error(found);
  return found.data;
}

/** The narrowest scale that all numbers lie in; in words why there is none. */
export function scaleOf(images: readonly Float32Array[]): BrightnessScale | string {
  let [least, most] = [Infinity, -Infinity];
  for (const image of images)
    for (const value of image) {
      if (!Number.isFinite(value)) return 'some of its numbers are none, or infinite';
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
  const fits = ({ black, white }: BrightnessScale): boolean =>
    least >= black - SLACK * (white - black) && most <= white + SLACK * (white - black);
  return (
    scales.find(fits) ??
    `its numbers go from ${least.toPrecision(3)} to ${most.toPrecision(3)}, which is no brightness: 0 to 1, −1 to 1 or 0 to 255; write it before it is normalised`
  );
}

/** What lies beyond the scale is black or white; what is no number is an error of its image. */
export function toBrightness(values: Float32Array, { black, white }: BrightnessScale): Uint8Array {
  return Uint8Array.from(values, (value) => {
    if (Number.isNaN(value)) throw new Error('some of its numbers are none');
    return Math.round(255 * Math.max(0, Math.min(1, (value - black) / (white - black))));
  });
}
